package expr

import "github.com/skeinsql/skein/engine/types"

// OVERLAPS, and times with a zone.
func init() {
	date, tm, tmz, ts, tz, iv := types.DateT, types.TimeT, types.TimeTZT, types.TimestampT, types.TimestampTZT, types.IntervalT
	overlaps := func(id string, args ...*types.Type) *Function {
		return row("overlaps_"+id, "overlaps", types.BoolT, args...).nullable()
	}
	for _, t := range []*types.Type{tm, ts, tz} {
		whole := overlaps(t.Name, t, t, t, t)
		spans := []*Function{
			overlaps(t.Name+"_spans", t, iv, t, iv), overlaps(t.Name+"_first", t, iv, t, t), overlaps(t.Name+"_second", t, t, t, iv),
		}
		for _, f := range spans {
			if t == tz {
				f.Volatility = Stable
			}
			define(f)
		}
		define(whole)
	}
	define(
		overlaps("timetz", tmz, tmz, tmz, tmz),
		opRow("datetimetz_pl", "+", tz, date, tmz), opRow("timetzdate_pl", "+", tz, tmz, date),
		opRow("timetz_pl_interval", "+", tmz, tmz, iv), opRow("interval_pl_timetz", "+", tmz, iv, tmz),
		opRow("timetz_mi_interval", "-", tmz, tmz, iv),
		row("timetz_zone", "timezone", tmz, types.TextT, tmz).stable(), row("timetz_izone", "timezone", tmz, iv, tmz),
		row("extract_timetz", "extract", types.NumericT, types.TextT, tmz), row("timetz_part", "date_part", types.Float8T, types.TextT, tmz),
		row("datetime_timestamp", "timestamp", ts, date, tm), row("datetime_timestamptz", "timestamptz", tz, date, tm).stable(),
		row("datetimetz_timestamptz", "timestamptz", tz, date, tmz),
		row("timeofday", "timeofday", types.TextT).volatile(),
	)
}
