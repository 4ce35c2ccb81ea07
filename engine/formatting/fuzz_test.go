package formatting_test

import (
	"testing"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/formatting"
	"github.com/skeinsql/skein/engine/numeric"
)

// FuzzPatterns: whatever the pattern and the text, there is an answer or an error.
func FuzzPatterns(f *testing.F) {
	for _, p := range []string{"YYYY-MM-DD", "FMDay, HH12:MI AM TZH", "IYYY-IW-ID", "FM9G990D0", "9.9EEEE", "RN", "S99V9TH", `"a\"`, "\\"} {
		f.Add(p, "2024-02-29 x -1.5", int64(1234567))
	}
	f.Fuzz(func(_ *testing.T, pattern, text string, v int64) {
		d := formatting.ParseDatetime(pattern)
		for _, m := range []formatting.Moment{
			formatting.TimestampMoment(v),
			formatting.IntervalMoment(datum.Interval{Months: int32(v), Days: int32(v >> 32), Micros: v}),
		} {
			_, _ = d.Append(nil, &m)
		}
		_, _ = d.Date(text)
		_, _ = d.Timestamp(text, time.UTC)
		n, err := formatting.ParseNumber(pattern)
		if err != nil {
			return
		}
		_, _ = n.Parse(text)
		_, _ = n.AppendInt(nil, v, 64)
		_, _ = n.AppendInt(nil, int64(int32(v)), 32)
		_, _ = n.AppendFloat(nil, float64(v)/7, 64)
		_, _ = n.AppendNumeric(nil, numeric.FromInt64(v, int32(v&15)))
	})
}
