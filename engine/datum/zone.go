package datum

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the zones must be the same on every machine, also where there is no zoneinfo

	"github.com/skeinsql/skein/engine/sqlerr"
)

// abbreviation is a fixed offset in seconds east of UTC, or a zone whose history gives it.
type abbreviation struct {
	offset int
	dst    bool
	zone   string
}

var (
	zoneByLower   = foldZoneNames()
	abbreviations = readAbbreviations()
)

func foldZoneNames() map[string]string {
	out := map[string]string{}
	for _, n := range strings.Fields(zoneNames) {
		out[strings.ToLower(n)] = n
	}
	return out
}

func readAbbreviations() map[string]abbreviation {
	out := map[string]abbreviation{}
	for _, f := range strings.Fields(zoneAbbreviations) {
		name, value, _ := strings.Cut(f, "=")
		seconds, dst := strings.CutSuffix(value, ",d")
		if n, err := strconv.Atoi(seconds); err == nil {
			out[name] = abbreviation{offset: n, dst: dst}
		} else {
			out[name] = abbreviation{zone: value}
		}
	}
	return out
}

// LoadZone is the time zone of a name in any case, as SET TIME ZONE and AT TIME ZONE know it: an abbreviation with a
// fixed offset ("EST"), a name of the IANA database, or a POSIX specification of a fixed offset, which counts to the west
// ("FOO+5", "+05:30"). POSIX specifications with daylight saving time are refused. 22023 when it is unknown.
func LoadZone(name string) (*time.Location, error) {
	lower := strings.ToLower(name)
	if a, ok := abbreviations[lower]; ok && a.zone == "" {
		return time.FixedZone(strings.ToUpper(name), a.offset), nil
	} else if ok {
		return time.LoadLocation(a.zone)
	}
	if loc := namedZone(lower); loc != nil {
		return loc, nil
	}
	if loc := posixZone(name); loc != nil {
		return loc, nil
	}
	return nil, unknownZone(name)
}

// SessionZone is the time zone that the setting TimeZone can have, and the name that SHOW gives it: a name of the IANA
// database in any case, a POSIX specification of a fixed offset, or a number of hours to the east of UTC. 22023 when it is
// unknown.
func SessionZone(name string) (loc *time.Location, shown string, err error) {
	lower := strings.ToLower(strings.TrimSpace(name))
	if hours, err := strconv.ParseFloat(lower, 64); err == nil && math.Abs(hours) < 168 {
		name = offsetName(int(math.Round(hours * 3600)))
		lower = name
	}
	if lower == "utc" {
		return time.UTC, "UTC", nil
	}
	if loc := namedZone(lower); loc != nil {
		return loc, loc.String(), nil
	}
	if loc := posixZone(name); loc != nil && name != "" {
		return loc, name, nil
	}
	return nil, "", unknownZone(name)
}

// offsetName is the POSIX specification of an offset in seconds east of UTC, as PostgreSQL writes it: <+05:30>-05:30.
func offsetName(east int) string {
	abs := max(east, -east)
	digits := fmt.Sprintf("%02d", abs/3600)
	if abs%3600 != 0 {
		digits += fmt.Sprintf(":%02d", abs/60%60)
	}
	if abs%60 != 0 {
		digits += fmt.Sprintf(":%02d", abs%60)
	}
	if east >= 0 {
		return "<+" + digits + ">-" + digits
	}
	return "<-" + digits + ">+" + digits
}

// posixZone reads a POSIX specification of a fixed offset: a name, which may be empty or between <>, a sign, and hours,
// minutes and seconds to the west of UTC. It gives nil for what is none.
func posixZone(spec string) *time.Location {
	var name, rest string
	if in, ok := strings.CutPrefix(spec, "<"); ok {
		if name, rest, ok = strings.Cut(in, ">"); !ok {
			return nil
		}
	} else if at := strings.IndexAny(spec, "0123456789,+-"); at >= 0 {
		name, rest = spec[:at], spec[at:]
	} else {
		return nil
	}
	west := 1
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		if rest[0] == '-' {
			west = -1
		}
		rest = rest[1:]
	}
	parts := strings.Split(rest, ":")
	if len(parts) > 3 {
		return nil
	}
	const maxHours, maxMinutes, maxSeconds = 167, 59, 60
	seconds, limits, units := 0, [...]int{maxHours, maxMinutes, maxSeconds}, [...]int{3600, 60, 1}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || digits(p) != len(p) || n > limits[i] {
			return nil
		}
		seconds += n * units[i]
	}
	return time.FixedZone(name, -west*seconds)
}

// ArgumentZone is the time zone of make_timestamptz: an offset to the east of UTC with its sign, or a zone as [LoadZone]
// has it. 22023 when it is none.
func ArgumentZone(name string) (*time.Location, error) {
	if name != "" && name[0] >= '0' && name[0] <= '9' {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid input syntax for type numeric time zone: \"%s\"", name).
			WithHint("Numeric time zones must have \"-\" or \"+\" as first character.")
	}
	switch east, fail := decodeOffset(name); fail {
	case fine:
		return time.FixedZone(name, int(east)), nil
	case zoneOverflowed:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "numeric time zone \"%s\" out of range", name)
	}
	return LoadZone(name)
}

// savingTime says whether a name looks like a POSIX specification with daylight saving time: EST5EDT, FOO8BAR,M3.2.0.
func savingTime(name string) bool {
	letters := func(s string) string { return strings.TrimLeft(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz") }
	rest := letters(name)
	if len(name)-len(rest) < 3 {
		return false
	}
	offset := strings.TrimLeft(rest, "+-0123456789:")
	return len(offset) < len(rest) && len(offset)-len(letters(offset)) >= 3
}

func unknownZone(name string) error {
	if savingTime(name) {
		return sqlerr.Unsupported("the time zone specification \"" + name + "\"")
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "time zone \"%s\" not recognized", name)
}

// namedZone is the zone of a lower-case IANA name, nil when there is none.
func namedZone(lower string) *time.Location {
	name, ok := zoneByLower[lower]
	if !ok {
		return nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return loc
}

// ZoneOffset is the offset of loc in seconds east of UTC at an instant in seconds since 1970.
func ZoneOffset(loc *time.Location, unix int64) int {
	_, off := time.Unix(unix, 0).In(loc).Zone()
	return off
}

// NamedOffset is [LocalOffset] of the zone that name stands for: where the name is an abbreviation, what it means at that
// time, which differs while clocks skip an hour.
func NamedOffset(name string, loc *time.Location, local int64) int {
	off := LocalOffset(loc, local)
	if abbr, meant := time.Unix(local-int64(off), 0).In(loc).Zone(); strings.EqualFold(abbr, name) {
		return meant
	}
	return off
}

// LocalOffset is the offset in seconds east of UTC that holds when clocks in loc show local, the seconds since
// 1970-01-01 00:00 on those clocks. Where clocks skip that time, the offset before the change counts; where they show it
// twice, the one after it, as in PostgreSQL.
func LocalOffset(loc *time.Location, local int64) int {
	if loc == time.UTC {
		return 0
	}
	prev := time.Unix(local-86400, 0).In(loc)
	_, before := prev.Zone()
	_, end := prev.ZoneBounds()
	if end.IsZero() {
		return before
	}
	_, after := end.In(loc).Zone()
	boundary := end.Unix()
	asBefore, asAfter := local-int64(before), local-int64(after)
	switch {
	case asBefore < boundary && asAfter < boundary:
		return before
	case asBefore > boundary && asAfter >= boundary:
		return after
	case asBefore > asAfter:
		return before
	}
	return after
}
