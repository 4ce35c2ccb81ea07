package eval

import (
	"fmt"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// zonedTimeCast is the kernel between times with a zone and other times, nil where there is none.
func zonedTimeCast(from, to *types.Type) kernel {
	switch {
	case to.Kind == types.TimeTZ && from.Kind == types.Time:
		return func(c *call, args []*vector, out *vector) error {
			today := floorDiv(zonedClock(c.env.Now, c.zone()), microsPerDay) * 86_400
			return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
				at := values[int64](args[0])[args[0].at(i)]
				offset := datum.LocalOffset(c.zone(), today+at/microsPerSecond)
				return append(dst, datum.TimeTZ(roundClock(at, to.Mod), int64(offset))...), nil
			})
		}
	case to.Kind == types.TimeTZ && from.Kind == types.TimestampTZ:
		return func(c *call, args []*vector, out *vector) error {
			return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
				ts := values[int64](args[0])[args[0].at(i)]
				if infinite(ts) {
					out.setNull(i)
					return dst, nil
				}
				local := zonedClock(ts, c.zone())
				offset := datum.ZoneOffset(c.zone(), floorDiv(ts, microsPerSecond))
				return append(dst, datum.TimeTZ(roundClock(local-floorDiv(local, microsPerDay)*microsPerDay, to.Mod), int64(offset))...), nil
			})
		}
	case to.Kind == types.Time && from.Kind == types.TimeTZ:
		return func(c *call, args []*vector, out *vector) error {
			dst := values[int64](out)
			for i := range dst {
				if c.rowValid(i) {
					at, _ := datum.SplitTimeTZ(string(args[0].bytes(i)))
					dst[i] = roundClock(at, to.Mod)
				}
			}
			return nil
		}
	}
	return nil
}

// roundClock applies a precision to a time of day.
func roundClock(at int64, mod int32) int64 {
	if mod < 0 || mod >= 6 {
		return at
	}
	unit := int64(1)
	for range 6 - mod {
		unit *= 10
	}
	return (at + unit/2) / unit * unit
}

// intToChar is the byte of a code: none for 0, in octal for those above 127.
func intToChar(c *call, args []*vector, out *vector) error {
	return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
		x := values[int32](args[0])[args[0].at(i)]
		switch {
		case x < -128 || x > 127:
			return dst, sqlerr.New(sqlerr.NumericOutOfRange, `"char" out of range`)
		case x < 0:
			return fmt.Appendf(dst, `\%03o`, uint8(x)), nil
		case x > 0:
			return append(dst, byte(x)), nil
		}
		return dst, nil
	})
}
