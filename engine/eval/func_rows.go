package eval

import "github.com/skeinsql/skein/engine/sqlerr"

func init() {
	register(implementations{
		"limit_rows":  byRow1(func(_ *call, n int64) (int64, error) { return rowsAsked(n, sqlerr.InvalidLimit, "LIMIT") }),
		"offset_rows": byRow1(func(_ *call, n int64) (int64, error) { return rowsAsked(n, sqlerr.InvalidOffset, "OFFSET") }),
	})
}

// rowsAsked is a number of rows that LIMIT or OFFSET asks for.
func rowsAsked(n int64, code, what string) (int64, error) {
	if n < 0 {
		return 0, sqlerr.New(code, "%s must not be negative", what)
	}
	return n, nil
}
