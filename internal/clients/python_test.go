package clients_test

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/skeinsql/skein/internal/fixture"
)

func TestPython(t *testing.T) {
	python := fixture.NeedPython(t, fixture.PythonClients()...)
	e := serving(t)
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "python", "checks.py"), e.writeFacts(t))
	cmd.WaitDelay = 5 * time.Second
	runChecks(t, cmd)
}
