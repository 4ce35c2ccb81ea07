package postgres

import (
	"slices"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// columnStatistics are a column's row of pg_stats.
type columnStatistics struct {
	Column      string    `json:"column"`
	Distinct    float64   `json:"distinct"` // negative: minus the fraction of the rows
	Nulls       float64   `json:"nulls"`
	Width       float64   `json:"width"`
	Correlation float64   `json:"correlation"`
	Common      []*string `json:"common"`
	Frequencies []float64 `json:"frequencies"`
	Histogram   []*string `json:"histogram"`
}

// describe fills in what is known of a column of a table of so many rows. Values that cannot be understood are left out.
func (s *columnStatistics) describe(c *plan.TableColumn, rows float64) {
	c.NullFraction, c.Width, c.Distinct = s.Nulls, s.Width, s.Distinct
	if s.Distinct < 0 {
		c.Distinct = max(-s.Distinct*max(rows, 0), 1)
	}
	if !ordered(c.Type) {
		return
	}
	v := &plan.ValueStats{Correlation: s.Correlation}
	if common := datums(c.Type, s.Common); len(common) == len(s.Frequencies) {
		v.Common, v.Frequencies = common, s.Frequencies
	}
	v.Histogram = datums(c.Type, s.Histogram)
	compare := func(a, b any) int { return datum.Compare(c.Type, a, b) }
	if !slices.IsSortedFunc(v.Histogram, compare) {
		v.Histogram = nil // the server's order is not ours
	}
	if v.Common == nil && v.Histogram == nil {
		return
	}
	c.Values = v
	if all := slices.Concat(v.Common, v.Histogram); v.Histogram != nil || s.Distinct >= 0 && s.Distinct == float64(len(all)) {
		c.Min, c.Max = slices.MinFunc(all, compare), slices.MaxFunc(all, compare)
	}
}

// ordered says whether statistics of values of a type are of use: they are compared with constants.
func ordered(t *types.Type) bool {
	switch t.Kind {
	case types.Bool, types.Int2, types.Int4, types.Int8, types.OID, types.Float4, types.Float8, types.Numeric, types.Text, types.Varchar,
		types.Bpchar, types.Name, types.Date, types.Time, types.Timestamp, types.TimestampTZ, types.UUID, types.Enum, types.Money:
		return true
	}
	return false
}

// datums parses PostgreSQL's texts; nil when one of them is none of the type.
func datums(t *types.Type, texts []*string) []any {
	out := make([]any, 0, len(texts))
	for _, s := range texts {
		if s == nil {
			return nil
		}
		v, err := datum.Parse(t, *s, time.UTC)
		if err != nil || v == nil {
			return nil
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
