package eval

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/skeinsql/skein/internal/fixture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(fixture.Main(m)) }
