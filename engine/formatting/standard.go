package formatting

import (
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Standard is a compiled template of SQL/JSON's datetime(): which of the date and time types it reads follows from its
// fields, and a text has to have all of them and nothing else.
type Standard struct {
	template Datetime
	typ      *types.Type
	bad      error // what is wrong with the fields, which a text that matches them learns
}

// ParseStandard compiles a template. Its error is 22007 for a separator that is none.
func ParseStandard(template string) (*Standard, error) {
	p := scanner{rest: template, words: datetimeWords, datetime: true, standard: true}
	if err := p.scan(func(node) error { return nil }); err != nil {
		return nil, err
	}
	s := &Standard{template: Datetime{nodes: p.nodes}}
	s.typ, s.bad = standardType(p.nodes)
	return s, nil
}

// standardType is the type of what the fields of a template make.
func standardType(nodes []node) (*types.Type, error) {
	dated, timed, zoned := false, false, false
	for i := range nodes {
		n := &nodes[i]
		if n.kind != actionNode {
			continue
		}
		switch n.key.id {
		case fieldExact:
		case fieldZone, fieldOffset:
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, `formatting field "%s" is only supported in to_char`, n.key.name)
		case fieldZoneHour, fieldZoneMinute:
			zoned = true
		case fieldMeridiem, fieldMeridiemDots, fieldHour12, fieldHour24, fieldMinute, fieldSecond, fieldMillisecond, fieldMicrosecond,
			fieldFraction1, fieldFraction2, fieldFraction3, fieldFraction4, fieldFraction5, fieldFraction6, fieldSecondOfDay:
			timed = true
		default:
			dated = true
		}
	}
	switch {
	case dated && timed && zoned:
		return types.TimestampTZT, nil
	case dated && timed:
		return types.TimestampT, nil
	case dated && zoned:
		return nil, invalid("datetime format is zoned but not timed")
	case dated:
		return types.DateT, nil
	case timed && zoned:
		return types.TimeTZT, nil
	case timed:
		return types.TimeT, nil
	}
	return nil, invalid("datetime format is not dated and not timed")
}

// Instant is a date or time that a template read.
type Instant struct {
	// Type is date, time, timetz, timestamp or timestamptz.
	Type *types.Type
	// Value is days since 1970-01-01 for a date, µs since midnight for a time (local for timetz), µs since 1970 for a
	// timestamp (UTC for timestamptz).
	Value int64
	// Offset is the zone that was given with it, in seconds east of UTC.
	Offset int32
}

// Read reads a text.
func (s *Standard) Read(text string) (Instant, error) {
	c, err := s.template.read(datetimeReader{in: text, s: text, nodes: s.template.nodes, exact: true, standard: true})
	if err != nil {
		return Instant{}, err
	}
	if s.bad != nil {
		return Instant{}, s.bad
	}
	if s.typ.Kind == types.Date {
		day, err := c.date(text)
		return Instant{Type: s.typ, Value: int64(day)}, err
	}
	micros := (c.hour*3600+c.minute*60+c.second)*1_000_000 + c.micros
	out := Instant{Type: s.typ, Offset: int32(c.zoneOffset)}
	if s.typ.Kind == types.Time || s.typ.Kind == types.TimeTZ {
		out.Value = roundMicros(micros, c.fraction)
		return out, nil
	}
	tooFar := sqlerr.New(sqlerr.DatetimeFieldOverflow, "%s out of range", s.typ.Name)
	if !validJulian(c.year, c.month) {
		return Instant{}, tooFar
	}
	ts, ok := datum.TimestampOf(julian(c.year, c.month, c.day)-unixJulian, micros)
	if ok {
		ts, ok = datum.ShiftTimestamp(ts, -c.zoneOffset*1_000_000)
	}
	if !ok {
		return Instant{}, tooFar
	}
	if c.fraction > 0 {
		if ts, err = datum.RoundTimestamp(ts, int32(c.fraction)); err != nil {
			return Instant{}, err
		}
	}
	out.Value = ts
	return out, nil
}

// roundMicros keeps the given number of digits below the second, 0 for all.
func roundMicros(micros int64, digits int) int64 {
	if digits == 0 || digits >= 6 {
		return micros
	}
	unit := int64(1)
	for range 6 - digits {
		unit *= 10
	}
	return (micros + unit/2) / unit * unit
}
