package sqldoc_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/internal/sqldoc"
)

func TestThePageIsCurrent(t *testing.T) {
	have, err := os.ReadFile("../../docs/sql.md")
	require.NoError(t, err)
	require.Equal(t, sqldoc.Page(), string(have), "run: go run ./internal/sqldoc/write")
}

func TestEveryFunctionIsOnThePage(t *testing.T) {
	page := sqldoc.Page()
	for _, f := range expr.AllFunctions() {
		if f.Kind == expr.Operator || !strings.Contains(page, "`"+f.Name+"(") {
			continue
		}
		require.NotContains(t, page[strings.Index(page, "## What is not there"):], "`"+f.Name+"`")
	}
}
