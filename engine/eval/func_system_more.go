package eval

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	null := byDatum(func(*call, []any) (any, error) { return nil, nil })
	never := byDatum(func(*call, []any) (any, error) { return false, nil })
	none := byDatum(func(*call, []any) (any, error) { return int64(0), nil })
	table := implementations{
		"pg_size_pretty": toText1(func(_ *call, dst []byte, n int64) ([]byte, error) { return appendSize(dst, n), nil }),
		"pg_size_pretty_numeric": toText1(func(_ *call, dst []byte, n numeric.Num) ([]byte, error) {
			return appendNumericSize(dst, n)
		}),
		"pg_size_bytes": byRow1(func(_ *call, s string) (int64, error) { return sizeBytes(s) }),
		"enum_first":    byDatum(func(c *call, _ []any) (any, error) { return enumEnd(c, 0) }),
		"enum_last":     byDatum(func(c *call, _ []any) (any, error) { return enumEnd(c, len(c.args[0].Labels)-1) }),
		"enum_range_all": byDatum(func(c *call, _ []any) (any, error) {
			return enumRange(c, nil, nil)
		}),
		"enum_range_bounds": byDatum(func(c *call, a []any) (any, error) { return enumRange(c, a[0], a[1]) }),
		"getpgusername":     fixed(clock(func(c *call) any { return nonEmpty(c.env.User) })),
		"pg_trigger_depth":  none, "pg_jit_available": never, "pg_relation_is_updatable": none, "pg_column_is_updatable": never,
		"pg_relation_is_publishable": never,
		"nameconcatoid": toText2(func(_ *call, dst []byte, name string, oid int64) ([]byte, error) {
			suffix := "_" + strconv.FormatInt(oid, 10)
			for len(name)+len(suffix) > 63 {
				name = name[:runePrefix([]byte(name), runeCount(name)-1)]
			}
			return append(append(dst, name...), suffix...), nil
		}),
	}
	for _, f := range []string{
		"pg_get_triggerdef", "pg_get_ruledef", "pg_get_triggerdef_ext", "pg_get_ruledef_ext", "pg_get_statisticsobjdef",
		"pg_get_statisticsobjdef_columns", "pg_get_partition_constraintdef",
		"pg_opclass_is_visible", "pg_opfamily_is_visible", "pg_conversion_is_visible", "pg_statistics_obj_is_visible",
		"pg_ts_config_is_visible", "pg_ts_dict_is_visible", "pg_ts_parser_is_visible", "pg_ts_template_is_visible",
	} {
		table[f] = null
	}
	register(table)
}

// enumEnd is a label of the argument's type.
func enumEnd(c *call, i int) (any, error) {
	if len(c.args[0].Labels) == 0 {
		return nil, sqlerr.New("55000", "enum %s contains no values", c.args[0].Name)
	}
	return int64(i), nil
}

// enumRange are the labels between two, as far as they are given.
func enumRange(c *call, from, to any) (any, error) {
	first, last := int64(0), int64(len(c.args[0].Labels)-1)
	if from != nil {
		first = from.(int64)
	}
	if to != nil {
		last = to.(int64)
	}
	out := []any{}
	for i := first; i <= last; i++ {
		out = append(out, i)
	}
	return out, nil
}

// sizeUnit is a unit of pg_size_pretty: sizes below limit are written in it, halved and rounded where round says so.
type sizeUnit struct {
	name  string
	limit uint64
	round bool
	bits  uint
}

var sizeUnits = [...]sizeUnit{
	{"bytes", 10 * 1024, false, 0},
	{"kB", 20*1024 - 1, true, 10},
	{"MB", 20*1024 - 1, true, 20},
	{"GB", 20*1024 - 1, true, 30},
	{"TB", 20*1024 - 1, true, 40},
	{"PB", 20*1024 - 1, true, 50},
}

// shift is the number of bits that a size in unit i loses on its way to the next unit.
func (u *sizeUnit) shift(next *sizeUnit) uint {
	n := next.bits - u.bits
	if next.round {
		n--
	}
	if u.round {
		n++
	}
	return n
}

func appendSize(dst []byte, n int64) []byte {
	for i := range sizeUnits {
		u := &sizeUnits[i]
		if i+1 < len(sizeUnits) && magnitude(n) >= u.limit {
			n /= 1 << u.shift(&sizeUnits[i+1])
			continue
		}
		if u.round {
			if n < 0 {
				n = (n - 1) / 2
			} else {
				n = (n + 1) / 2
			}
		}
		return append(append(strconv.AppendInt(dst, n, 10), ' '), u.name...)
	}
	return dst
}

func appendNumericSize(dst []byte, n numeric.Num) ([]byte, error) {
	for i := range sizeUnits {
		u := &sizeUnits[i]
		var err error
		if i+1 < len(sizeUnits) && n.Abs().Cmp(numeric.FromInt64(int64(u.limit), 0)) >= 0 {
			if n, err = numeric.DivTrunc(n, numeric.FromInt64(1<<u.shift(&sizeUnits[i+1]), 0)); err != nil {
				return dst, err
			}
			continue
		}
		if u.round {
			half := numeric.FromInt64(1, 0)
			if n.Sign() < 0 {
				half = half.Negate()
			}
			if n, err = numeric.Add(n, half); err != nil {
				return dst, err
			}
			if n, err = numeric.DivTrunc(n, numeric.FromInt64(2, 0)); err != nil {
				return dst, err
			}
		}
		return append(append(n.AppendText(dst), ' '), u.name...), nil
	}
	return dst, nil
}

const sizeBlanks = " \t\n\v\f\r"

// sizeBytes is pg_size_bytes: a number with an optional unit.
func sizeBytes(whole string) (int64, error) {
	s := strings.TrimLeft(whole, sizeBlanks)
	n := numberLength(s)
	if n == 0 {
		return 0, invalid("invalid size: \"%s\"", whole)
	}
	num, err := numeric.Parse(s[:n])
	if err != nil {
		return 0, err
	}
	if unit := strings.Trim(s[n:], sizeBlanks); unit != "" {
		if num, err = inUnit(num, unit, whole); err != nil {
			return 0, err
		}
	}
	v, ok := num.RoundInt64()
	if !ok {
		return 0, outOfRange(types.Int8T)
	}
	return v, nil
}

func inUnit(num numeric.Num, unit, whole string) (numeric.Num, error) {
	for i := range sizeUnits {
		if strings.EqualFold(sizeUnits[i].name, unit) {
			return numeric.Mul(num, numeric.FromInt64(1<<sizeUnits[i].bits, 0))
		}
	}
	return num, sqlerr.New(sqlerr.InvalidParameterValue, "invalid size: \"%s\"", whole).
		WithDetail("Invalid size unit: \"%s\".", unit).
		WithHint("Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".")
}

// numberLength is the length of the number at the head of s, 0 when there is none.
func numberLength(s string) int {
	digits := func(i int) int {
		for i < len(s) && digitByte(s[i]) {
			i++
		}
		return i
	}
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	from := i
	i = digits(i)
	have := i > from
	if i < len(s) && s[i] == '.' {
		end := digits(i + 1)
		have = have || end > i+1
		i = end
	}
	if !have {
		return 0
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		at := i + 1
		if at < len(s) && (s[at] == '-' || s[at] == '+') {
			at++
		}
		if end := digits(at); end > at {
			i = end
		}
	}
	return i
}
