package eval

import "github.com/skeinsql/skein/engine/datum"

func init() {
	register(implementations{
		"interval_pl":  byRow2(intervalSum(datum.Interval.Add)),
		"interval_mi":  byRow2(intervalSum(datum.Interval.Sub)),
		"interval_um":  byRow1(intervalMap(datum.Interval.Negate)),
		"interval_mul": byRow2(func(_ *call, v storedInterval, f float64) (storedInterval, error) { return scaleInterval(v, f, false) }),
		"mul_d_interval": byRow2(func(_ *call, f float64, v storedInterval) (storedInterval, error) {
			return scaleInterval(v, f, false)
		}),
		"interval_div":              byRow2(func(_ *call, v storedInterval, f float64) (storedInterval, error) { return scaleInterval(v, f, true) }),
		"interval_justify_days":     byRow1(intervalMap(datum.Interval.JustifyDays)),
		"interval_justify_hours":    byRow1(intervalMap(datum.Interval.JustifyHours)),
		"interval_justify_interval": byRow1(intervalMap(datum.Interval.Justify)),
	})
}

func intervalSum(f func(v, w datum.Interval) (datum.Interval, error)) func(*call, storedInterval, storedInterval) (storedInterval, error) {
	return func(_ *call, a, b storedInterval) (storedInterval, error) {
		return intervalResult(f(intervalDatum(a), intervalDatum(b)))
	}
}

func intervalMap(f func(v datum.Interval) (datum.Interval, error)) func(*call, storedInterval) (storedInterval, error) {
	return func(_ *call, a storedInterval) (storedInterval, error) { return intervalResult(f(intervalDatum(a))) }
}

func scaleInterval(v storedInterval, f float64, divide bool) (storedInterval, error) {
	return intervalResult(intervalDatum(v).Scale(f, divide))
}

func intervalResult(v datum.Interval, err error) (storedInterval, error) {
	if err != nil {
		return storedInterval{}, err
	}
	return v.Storage()
}
