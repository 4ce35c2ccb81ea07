package eval

import (
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/formatting"
	"github.com/skeinsql/skein/engine/numeric"
)

func init() {
	register(implementations{
		"timestamp_to_char": toText2(func(c *call, dst []byte, ts int64, p string) ([]byte, error) {
			return c.formatTimestamp(dst, ts, p, nil)
		}),
		"timestamptz_to_char": toText2(func(c *call, dst []byte, ts int64, p string) ([]byte, error) {
			return c.formatTimestamp(dst, ts, p, c.zone())
		}),
		"interval_to_char": toText2(func(c *call, dst []byte, v storedInterval, p string) ([]byte, error) {
			if p == "" {
				return dst, ErrNull
			}
			m := formatting.IntervalMoment(intervalDatum(v))
			return c.datetimePattern(p).Append(dst, &m)
		}),
		"numeric_to_char": numberToText(func(f *formatting.Number, dst []byte, v numeric.Num) ([]byte, error) {
			return f.AppendNumeric(dst, v)
		}),
		"int4_to_char": numberToText(func(f *formatting.Number, dst []byte, v int32) ([]byte, error) {
			return f.AppendInt(dst, int64(v), 32)
		}),
		"int8_to_char": numberToText(func(f *formatting.Number, dst []byte, v int64) ([]byte, error) {
			return f.AppendInt(dst, v, 64)
		}),
		"float4_to_char": numberToText(func(f *formatting.Number, dst []byte, v float32) ([]byte, error) {
			return f.AppendFloat(dst, float64(v), 32)
		}),
		"float8_to_char": numberToText(func(f *formatting.Number, dst []byte, v float64) ([]byte, error) {
			return f.AppendFloat(dst, v, 64)
		}),
		"to_date": byRow2(func(c *call, s, p string) (int32, error) { return c.datetimePattern(p).Date(s) }),
		"to_timestamp": byRow2(func(c *call, s, p string) (int64, error) {
			return c.datetimePattern(p).Timestamp(s, c.zone())
		}),
		"numeric_to_number": byRow2(func(c *call, s, p string) (numeric.Num, error) {
			if p == "" {
				return numeric.Num{}, ErrNull
			}
			f, err := c.numberPattern(p)
			if err != nil {
				return numeric.Num{}, err
			}
			return f.Parse(s)
		}),
	})
}

// formatTimestamp writes a timestamp as zone's clocks show it; without a zone it is local time already.
func (c *call) formatTimestamp(dst []byte, ts int64, pattern string, zone *time.Location) ([]byte, error) {
	if pattern == "" || datum.Infinite(ts) {
		return dst, ErrNull
	}
	var name string
	var offset int
	if zone != nil {
		name, offset = time.UnixMicro(ts).In(zone).Zone()
	}
	m := formatting.TimestampMoment(ts + int64(offset)*secondMicros)
	m.Zone, m.Offset = name, int64(offset)
	return c.datetimePattern(pattern).Append(dst, &m)
}

// numberToText is the maker of to_char for one type of numbers.
func numberToText[A any](write func(f *formatting.Number, dst []byte, v A) ([]byte, error)) maker {
	return toText2(func(c *call, dst []byte, v A, p string) ([]byte, error) {
		if p == "" {
			return dst, nil
		}
		f, err := c.numberPattern(p)
		if err != nil {
			return dst, err
		}
		return write(f, dst, v)
	})
}

// compiledPattern is a template pattern with its text; patterns are mostly constants.
type compiledPattern[T any] struct {
	text string
	form T
}

// datetimePattern compiles a pattern, or gives that of the row before.
func (c *call) datetimePattern(p string) *formatting.Datetime {
	if last, _ := c.state.(*compiledPattern[*formatting.Datetime]); last != nil && last.text == p {
		return last.form
	}
	p = strings.Clone(p)
	form := formatting.ParseDatetime(p)
	c.state = &compiledPattern[*formatting.Datetime]{p, form}
	return form
}

// numberPattern compiles a pattern, or gives that of the row before.
func (c *call) numberPattern(p string) (*formatting.Number, error) {
	if last, _ := c.state.(*compiledPattern[*formatting.Number]); last != nil && last.text == p {
		return last.form, nil
	}
	p = strings.Clone(p)
	form, err := formatting.ParseNumber(p)
	if err != nil {
		return nil, err
	}
	c.state = &compiledPattern[*formatting.Number]{p, form}
	return form, nil
}
