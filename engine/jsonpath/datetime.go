package jsonpath

import (
	"bytes"
	"cmp"
	"math"
	"sync"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/formatting"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// invalidDatetime is SQLSTATE invalid_argument_for_sql_json_datetime_function.
const invalidDatetime = "22031"

// datetimeKind is the kind of an item that datetime() made; [datum.JSONKind] has the others.
const datetimeKind datum.JSONKind = 255

// kind is an item's kind.
func (e *execution) kind(v *datum.JSON) datum.JSONKind {
	if e.datetimes != nil {
		if _, ok := e.datetimes[v]; ok {
			return datetimeKind
		}
	}
	return v.Kind
}

// isoTemplates are the forms that datetime() without a template tries, in this order (jsonpath_exec.c).
var isoTemplates = sync.OnceValue(func() []*formatting.Standard {
	var out []*formatting.Standard
	for _, t := range []string{
		"yyyy-mm-dd", "HH24:MI:SS.USTZH:TZM", "HH24:MI:SS.USTZH", "HH24:MI:SSTZH:TZM", "HH24:MI:SSTZH", "HH24:MI:SS.US", "HH24:MI:SS",
		"yyyy-mm-dd HH24:MI:SS.USTZH:TZM", "yyyy-mm-dd HH24:MI:SS.USTZH", "yyyy-mm-dd HH24:MI:SSTZH:TZM", "yyyy-mm-dd HH24:MI:SSTZH",
		`yyyy-mm-dd"T"HH24:MI:SS.USTZH:TZM`, `yyyy-mm-dd"T"HH24:MI:SS.USTZH`, `yyyy-mm-dd"T"HH24:MI:SSTZH:TZM`, `yyyy-mm-dd"T"HH24:MI:SSTZH`,
		"yyyy-mm-dd HH24:MI:SS.US", "yyyy-mm-dd HH24:MI:SS", `yyyy-mm-dd"T"HH24:MI:SS.US`, `yyyy-mm-dd"T"HH24:MI:SS`,
	} {
		s, err := formatting.ParseStandard(t)
		if err != nil {
			panic("jsonpath: " + err.Error())
		}
		out = append(out, s)
	}
	return out
})

// datetime makes a date or time of a text.
func (e *execution) datetime(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	if e.kind(v) != datum.JSONString {
		return false, fail(invalidDatetime, "jsonpath item method .datetime() can only be applied to a string")
	}
	instant, err := readDatetime(it, v.String)
	if err != nil {
		return false, err
	}
	item := &datum.JSON{Kind: datum.JSONString, String: string(appendInstant(nil, instant))}
	if e.datetimes == nil {
		e.datetimes = map[*datum.JSON]formatting.Instant{}
	}
	e.datetimes[item] = instant
	return e.then(it, item, out)
}

func readDatetime(it *item, text string) (formatting.Instant, error) {
	if it.left != nil {
		template, err := formatting.ParseStandard(it.left.value.String)
		if err != nil {
			return formatting.Instant{}, err
		}
		instant, err := template.Read(text)
		if err != nil {
			err = failure{err}
		}
		return instant, err
	}
	for _, t := range isoTemplates() {
		if instant, err := t.Read(text); err == nil {
			return instant, nil
		}
	}
	return formatting.Instant{}, failure{sqlerr.New(invalidDatetime, `datetime format is not recognized: "%s"`, text).
		WithHint("Use a datetime template argument to specify the input data format.")}
}

// appendInstant writes a date or time as JSON has it: ISO 8601, in the zone that it came with.
func appendInstant(dst []byte, d formatting.Instant) []byte {
	offset := time.Unix(0, 0).In(time.FixedZone("", int(d.Offset))).Format("-07:00")
	switch d.Type.Kind {
	case types.TimeTZ:
		return append(datum.Append(dst, types.TimeT, d.Value, nil), offset...)
	case types.TimestampTZ:
		text, era, _ := bytes.Cut(datum.Append(nil, types.TimestampT, d.Value+int64(d.Offset)*1_000_000, nil), []byte(" BC"))
		dst = append(append(dst, bytes.Replace(text, []byte(" "), []byte("T"), 1)...), offset...)
		return append(dst, era...)
	case types.Timestamp:
		return append(dst, bytes.Replace(datum.Append(nil, d.Type, d.Value, nil), []byte(" "), []byte("T"), 1)...)
	}
	return datum.Append(dst, d.Type, d.Value, nil)
}

// isClock says whether d is a time of day; isZoned whether it has a time zone.
func isClock(d formatting.Instant) bool {
	return d.Type.Kind == types.Time || d.Type.Kind == types.TimeTZ
}

func isZoned(d formatting.Instant) bool {
	return d.Type.Kind == types.TimeTZ || d.Type.Kind == types.TimestampTZ
}

// compareInstants compares two dates or times; ok is false for a time of day with a date.
func (o *Options) compareInstants(a, b formatting.Instant) (order int, ok bool, err error) {
	switch {
	case isClock(a) != isClock(b):
		return 0, false, nil
	case isZoned(a) == isZoned(b):
		return compareAlike(a, b), true, nil
	case isZoned(a):
		order, ok, err = o.compareInstants(b, a)
		return -order, ok, err
	case o.Zone == nil:
		return 0, false, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert value from %s to %s without time zone usage",
			a.Type.Name, b.Type.Name).WithHint("Use *_tz() function for time zone support.")
	case isClock(a):
		_, offset := o.Now.In(o.Zone).Zone()
		a.Offset = int32(offset)
		return compareAlike(a, b), true, nil
	}
	local := localMicros(a)
	return cmp.Compare(local-int64(datum.LocalOffset(o.Zone, floorSeconds(local)))*1_000_000, b.Value), true, nil
}

// compareAlike compares two that both have a zone, or none: times in zones by the instant, then the more eastern zone is
// less.
func compareAlike(a, b formatting.Instant) int {
	switch {
	case isClock(a) && isZoned(b):
		const second = 1_000_000
		return cmp.Or(cmp.Compare(a.Value-int64(a.Offset)*second, b.Value-int64(b.Offset)*second), cmp.Compare(b.Offset, a.Offset))
	case isClock(a), a.Type.Kind == b.Type.Kind:
		return cmp.Compare(a.Value, b.Value)
	}
	return cmp.Compare(localMicros(a), localMicros(b))
}

// localMicros is a date or timestamp in µs; a date beyond what timestamps hold is just beyond them.
func localMicros(d formatting.Instant) int64 {
	if d.Type.Kind != types.Date {
		return d.Value
	}
	if ts, ok := datum.TimestampOf(d.Value, 0); ok {
		return ts
	}
	if d.Value > 0 {
		return math.MaxInt64 - 1
	}
	return math.MinInt64 + 1
}

func floorSeconds(micros int64) int64 {
	seconds := micros / 1_000_000
	if micros%1_000_000 < 0 {
		seconds--
	}
	return seconds
}
