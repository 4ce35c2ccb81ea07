package clients_test

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/skeinsql/skein/internal/fixture"
)

// pythonClients are the versions that the tests run with.
var pythonClients = []string{
	"adbc-driver-flightsql==1.13.0", "adbc-driver-manager==1.13.0", "pyarrow==26.0.1", "pandas==3.1.1", "polars==2.1.0",
}

func TestPython(t *testing.T) {
	python := fixture.NeedPython(t, pythonClients...)
	e := serving(t)
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "python", "checks.py"), e.writeFacts(t))
	cmd.WaitDelay = 5 * time.Second
	runChecks(t, cmd)
}
