package expr

import "github.com/skeinsql/skein/engine/types"

func init() {
	defineDateOperators()
	defineIntervalOperators()
	defineDatetimeFields()
	defineDatetimeMakers()
	defineClock()
}

func defineDateOperators() {
	date, tm, ts, tz, iv, int4 := types.DateT, types.TimeT, types.TimestampT, types.TimestampTZT, types.IntervalT, types.Int4T
	define(
		opRow("date_pli", "+", date, date, int4), opRow("integer_pl_date", "+", date, int4, date),
		opRow("date_mii", "-", date, date, int4), opRow("date_mi", "-", int4, date, date),
		opRow("date_pl_interval", "+", ts, date, iv), opRow("interval_pl_date", "+", ts, iv, date),
		opRow("date_mi_interval", "-", ts, date, iv),
		opRow("datetime_pl", "+", ts, date, tm), opRow("timedate_pl", "+", ts, tm, date),
		opRow("timestamp_pl_interval", "+", ts, ts, iv), opRow("interval_pl_timestamp", "+", ts, iv, ts),
		opRow("timestamp_mi_interval", "-", ts, ts, iv), opRow("timestamp_mi", "-", iv, ts, ts),
		opRow("timestamptz_pl_interval", "+", tz, tz, iv).stable(),
		opRow("interval_pl_timestamptz", "+", tz, iv, tz).stable(),
		opRow("timestamptz_mi_interval", "-", tz, tz, iv).stable(),
		opRow("timestamptz_mi", "-", iv, tz, tz),
		opRow("time_pl_interval", "+", tm, tm, iv), opRow("interval_pl_time", "+", tm, iv, tm),
		opRow("time_mi_interval", "-", tm, tm, iv), opRow("time_mi_time", "-", iv, tm, tm),
	)
}

func defineIntervalOperators() {
	iv, f8 := types.IntervalT, types.Float8T
	define(
		opRow("interval_pl", "+", iv, iv, iv), opRow("interval_mi", "-", iv, iv, iv), opRow("interval_um", "-", iv, iv),
		opRow("interval_mul", "*", iv, iv, f8), opRow("mul_d_interval", "*", iv, f8, iv),
		opRow("interval_div", "/", iv, iv, f8),
		row("interval_justify_days", "justify_days", iv, iv), row("interval_justify_hours", "justify_hours", iv, iv),
		row("interval_justify_interval", "justify_interval", iv, iv),
	)
}

// defineDatetimeFields: extract and date_part give a field by name, date_trunc cuts below it.
func defineDatetimeFields() {
	text, ts, tz, iv := types.TextT, types.TimestampT, types.TimestampTZT, types.IntervalT
	for _, f := range []struct {
		id  string
		arg *types.Type
	}{{"date", types.DateT}, {"timestamp", ts}, {"timestamptz", tz}, {"time", types.TimeT}, {"interval", iv}} {
		extract := row("extract_"+f.id, "extract", types.NumericT, text, f.arg)
		part := row(f.id+"_part", "date_part", types.Float8T, text, f.arg)
		if f.id == "timestamptz" {
			extract, part = extract.stable(), part.stable()
		}
		define(extract, part)
		if f.id != "time" {
			define(row(f.id+"_finite", "isfinite", types.BoolT, f.arg).leakproof())
		}
	}
	define(
		row("timestamp_trunc", "date_trunc", ts, text, ts), row("interval_trunc", "date_trunc", iv, text, iv),
		row("timestamptz_trunc", "date_trunc", tz, text, tz).stable(),
		row("timestamptz_trunc_zone", "date_trunc", tz, text, tz, text),
		row("timestamp_bin", "date_bin", ts, iv, ts, ts), row("timestamptz_bin", "date_bin", tz, iv, tz, tz),
		row("timestamp_age", "age", iv, ts, ts), row("timestamptz_age", "age", iv, tz, tz).stable(),
		row("timestamp_age_now", "age", iv, ts).stable(), row("timestamptz_age_now", "age", iv, tz).stable(),
		row("timestamp_zone", "timezone", tz, text, ts), row("timestamptz_zone", "timezone", ts, text, tz),
		row("timestamp_izone", "timezone", tz, iv, ts), row("timestamptz_izone", "timezone", ts, iv, tz),
	)
}

func defineDatetimeMakers() {
	i, f := types.Int4T, types.Float8T
	define(
		row("make_date", "make_date", types.DateT, i, i, i), row("make_time", "make_time", types.TimeT, i, i, f),
		row("make_timestamp", "make_timestamp", types.TimestampT, i, i, i, i, i, f),
		row("make_timestamptz", "make_timestamptz", types.TimestampTZT, i, i, i, i, i, f).stable(),
		row("make_timestamptz_at_timezone", "make_timestamptz", types.TimestampTZT, i, i, i, i, i, f, types.TextT).stable(),
		row("make_interval", "make_interval", types.IntervalT, i, i, i, i, i, i, f),
		row("float8_timestamptz", "to_timestamp", types.TimestampTZT, f),
	)
}

// defineClock: the statement's time, except clock_timestamp. One statement is one transaction here.
func defineClock() {
	tz := types.TimestampTZT
	for _, name := range []string{"now", "current_timestamp", "transaction_timestamp", "statement_timestamp"} {
		define(row(name, name, tz).stable())
	}
	define(
		row("clock_timestamp", "clock_timestamp", tz).volatile(),
		row("current_date", "current_date", types.DateT).stable(),
		row("localtimestamp", "localtimestamp", types.TimestampT).stable(),
		row("localtime", "localtime", types.TimeT).stable(),
		row("current_time", "current_time", types.TimeTZT).stable(),
	)
}
