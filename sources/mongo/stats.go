package mongo

import (
	"encoding/binary"
	"hash/maphash"
	"math"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// statistics are what a sample says of the top fields' values, for the order of joins.
type statistics struct {
	seed maphash.Seed
	seen map[uint64]bool // by _id: a sample may give a document twice
	docs float64
	of   map[string]*valueStatistics
}

// valueStatistics describe one field's values that are not null.
type valueStatistics struct {
	count    float64
	times    map[uint64]int // how often each value came, by its hash
	min, max float64        // of numbers and dates, in the units of datums; NaN aside
	numbers  bool
	values   map[uint64]any // datums by their hash; see remember
}

func newStatistics() *statistics {
	return &statistics{seed: maphash.MakeSeed(), seen: map[uint64]bool{}, of: map[string]*valueStatistics{}}
}

// add takes one document of the sample into account.
func (s *statistics) add(doc []byte) {
	repeated := false
	eachElement(doc, func(_ int, key string, t byte, v []byte) {
		if key == "_id" {
			h := s.hash(t, v)
			repeated = s.seen[h]
			s.seen[h] = true
		}
	})
	if repeated {
		return
	}
	s.docs++
	eachElement(doc, func(_ int, key string, t byte, v []byte) {
		if t == bsonNull || t == bsonUndefined {
			return
		}
		c := s.of[key]
		if c == nil {
			c = &valueStatistics{times: map[uint64]int{}, min: math.Inf(1), max: math.Inf(-1)}
			s.of[key] = c
		}
		c.count++
		h := s.hash(t, v)
		c.times[h]++
		c.remember(h, t, v)
		c.bound(t, v)
	})
}

func (s *statistics) hash(t byte, v []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	_ = h.WriteByte(t)
	_, _ = h.Write(v)
	return h.Sum64()
}

func (c *valueStatistics) bound(t byte, v []byte) {
	f, ok := float(t, v)
	if t == bsonDate {
		f, ok = float64(int64(binary.LittleEndian.Uint64(v)))*1000, true
	}
	if ok && !math.IsNaN(f) && !math.IsInf(f, 0) {
		c.min, c.max, c.numbers = min(c.min, f), max(c.max, f), true
	}
}

// describe fills a column's statistics; rows is the number of documents of the collection, negative when unknown.
func (s *statistics) describe(c *plan.TableColumn, key string, rows float64) {
	if s == nil || s.docs == 0 {
		return
	}
	v := s.of[key]
	if v == nil {
		c.NullFraction = 1
		return
	}
	c.NullFraction = 1 - v.count/s.docs
	c.Distinct = distinct(v, rows*(1-c.NullFraction))
	c.Values = v.common(c.Type, c.Distinct, s.docs)
	if !v.numbers {
		return
	}
	switch c.Type.Kind {
	case types.Int2, types.Int4, types.Int8, types.Timestamp, types.TimestampTZ:
		c.Min, c.Max = int64(v.min), int64(v.max)
	case types.Float8:
		c.Min, c.Max = v.min, v.max
	}
}

// distinct estimates how many distinct values a column has of n values in a sample: Haas and Stokes' Duj1, n·d / (n - f1 +
// f1·n/N) with d distinct values, of which f1 came once, as PostgreSQL's ANALYZE does (IBM Research Report RJ 10025). 0:
// unknown, for the total is.
func distinct(v *valueStatistics, total float64) float64 {
	n, d, once := v.count, float64(len(v.times)), 0.0
	for _, times := range v.times {
		if times == 1 {
			once++
		}
	}
	switch {
	case n == 0:
		return 0
	case once == 0:
		return d
	case total <= 0:
		return 0
	case total <= n:
		return d
	}
	return min(max(n*d/(n-once+once*n/total), d), total)
}
