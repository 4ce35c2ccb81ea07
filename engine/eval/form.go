package eval

import (
	"errors"
)

// ErrNull is returned by the function of a byRow or toText form for a NULL result.
var ErrNull = errors.New("NULL")

// byRow1 is the form of a strict function of one argument.
func byRow1[A, R any](f func(c *call, a A) (R, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		a, r := load[A](c, 0, args[0]), make([]R, c.n)
		ma := stride(args[0])
		for i := range r {
			if !c.rowValid(i) {
				continue
			}
			x, err := f(c, a[i&ma])
			if err != nil {
				if !isNull(err, out, i) {
					return err
				}
				continue
			}
			r[i] = x
		}
		return store(out, r)
	})
}

// byRow2 is the form of a strict function of two arguments.
func byRow2[A, B, R any](f func(c *call, a A, b B) (R, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		a, b, r := load[A](c, 0, args[0]), load[B](c, 1, args[1]), make([]R, c.n)
		ma, mb := stride(args[0]), stride(args[1])
		for i := range r {
			if !c.rowValid(i) {
				continue
			}
			x, err := f(c, a[i&ma], b[i&mb])
			if err != nil {
				if !isNull(err, out, i) {
					return err
				}
				continue
			}
			r[i] = x
		}
		return store(out, r)
	})
}

// byRow3 is the form of a strict function of three arguments.
func byRow3[A, B, C, R any](f func(c *call, a A, b B, d C) (R, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		a, b, d, r := load[A](c, 0, args[0]), load[B](c, 1, args[1]), load[C](c, 2, args[2]), make([]R, c.n)
		ma, mb, md := stride(args[0]), stride(args[1]), stride(args[2])
		for i := range r {
			if !c.rowValid(i) {
				continue
			}
			x, err := f(c, a[i&ma], b[i&mb], d[i&md])
			if err != nil {
				if !isNull(err, out, i) {
					return err
				}
				continue
			}
			r[i] = x
		}
		return store(out, r)
	})
}

// toText1 is the form of a strict function of one argument whose result is bytes.
func toText1[A any](f func(c *call, dst []byte, a A) ([]byte, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		a, ma := load[A](c, 0, args[0]), stride(args[0])
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) { return f(c, dst, a[i&ma]) })
	})
}

// toText2 is the form of a strict function of two arguments whose result is bytes.
func toText2[A, B any](f func(c *call, dst []byte, a A, b B) ([]byte, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		a, b := load[A](c, 0, args[0]), load[B](c, 1, args[1])
		ma, mb := stride(args[0]), stride(args[1])
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) { return f(c, dst, a[i&ma], b[i&mb]) })
	})
}

// toText3 is the form of a strict function of three arguments whose result is bytes.
func toText3[A, B, C any](f func(c *call, dst []byte, a A, b B, d C) ([]byte, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		a, b, d := load[A](c, 0, args[0]), load[B](c, 1, args[1]), load[C](c, 2, args[2])
		ma, mb, md := stride(args[0]), stride(args[1]), stride(args[2])
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
			return f(c, dst, a[i&ma], b[i&mb], d[i&md])
		})
	})
}

// byDatum is the form of a function over datums. It is called for every row when the function is not strict, else for
// those where no argument is NULL.
func byDatum(f func(c *call, args []any) (any, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		row, res := make([]any, len(args)), make([]any, c.n)
		for i := range res {
			if !c.rowValid(i) {
				continue
			}
			for k, a := range args {
				row[k] = datumAt(a, i)
			}
			x, err := f(c, row)
			if err != nil {
				return err
			}
			res[i] = x
		}
		return storeDatums(out, c.typ, res)
	})
}

// appendRows fills out, a vector of bytes, from one function per row. It is called for each valid row.
func appendRows(c *call, out *vector, f func(dst []byte, i int) ([]byte, error)) error {
	for i := range c.n {
		if c.rowValid(i) {
			data, err := f(out.data, i)
			if err == nil {
				out.data = data
			} else if !isNull(err, out, i) {
				return err
			}
		}
		if err := out.endBytes(); err != nil {
			return err
		}
	}
	return nil
}

// isNull handles ErrNull by making row i of out NULL.
func isNull(err error, out *vector, i int) bool {
	if err != ErrNull { //nolint:errorlint // a sentinel that is never wrapped, compared once per NULL
		return false
	}
	out.setNull(i)
	return true
}

// stride is the mask that maps a row to the index of its value.
func stride(v *vector) int {
	if v.konst {
		return 0
	}
	return -1
}
