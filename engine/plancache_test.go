package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlanCacheIsBounded(t *testing.T) {
	c := newPlanCache(2)
	p := &planned{}
	long := planKey{sql: strings.Repeat("x", maxCachedText+1)}
	c.put(long, p)
	require.Nil(t, c.get(long))
	for _, sql := range []string{"a", "b", "c"} {
		c.put(planKey{sql: sql}, p)
	}
	require.Nil(t, c.get(planKey{sql: "a"}))
	require.Same(t, p, c.get(planKey{sql: "b"}))
	require.Same(t, p, c.get(planKey{sql: "c"}))
	c.drop(planKey{sql: "b"}, &planned{})
	require.NotNil(t, c.get(planKey{sql: "b"}), "another plan is not the one to drop")
	c.drop(planKey{sql: "b"}, p)
	require.Nil(t, c.get(planKey{sql: "b"}))
}
