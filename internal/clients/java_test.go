package clients_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/internal/shop"
)

func TestJDBC(t *testing.T) {
	java := fixture.NeedJava(t)
	e := serving(t)
	files, err := filepath.Glob(filepath.Join("testdata", "java", "*.java"))
	require.NoError(t, err)
	classes := t.TempDir()
	require.NoError(t, java.Compile(t.Context(), classes, files...))
	cmd := java.Command(t.Context(), classes, "Checks", e.javaFacts(t)...)
	cmd.WaitDelay = 5 * time.Second
	runChecks(t, cmd)
}

// javaFacts are the facts as NAME=VALUE arguments.
func (e *endpoint) javaFacts(t *testing.T) []string {
	q := shop.Queries()[1]
	answer := q.Answer(e.shop)
	var lines strings.Builder
	for _, row := range answer {
		fmt.Fprintf(&lines, "%s,%s;", row[0], row[1])
	}
	args := []string{
		"plain=" + e.plain, "secured=" + e.secured, "token=" + secret, "certificate=" + e.certificateFile(t),
		fmt.Sprintf("customers=%d", len(e.shop.Customers)), fmt.Sprintf("payments=%d", len(e.shop.Payments)),
		fmt.Sprintf("events=%d", len(e.shop.Events)), "segment3=" + e.shop.Customers[2].Segment,
		"sql=" + q.SQL, fmt.Sprintf("answerRows=%d", len(answer)), "answer=" + lines.String(),
	}
	for _, c := range e.shop.Customers[:5] {
		args = append(args, fmt.Sprintf("name%d=%s", c.ID, c.Name))
	}
	return args
}
