package parquet

import (
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// leaf reads the values of one leaf column of one row group, page by page. After take it holds the levels and, in its
// sink, the dense values of the rows taken.
type leaf struct {
	field *field
	sink  sink
	pages *parquet.FilePages
	input *pageStream
	// The page being read: its data, the levels' position and the position among the values that are there.
	page     parquet.Page
	data     encoding.Values
	codes    []int32 // of a page that has a dictionary
	defs     []byte
	reps     []byte
	at, slot int // next value, next level
	slots    int // levels of the page
	dict     parquet.Dictionary
	// What was taken: definition and repetition levels, one per slot.
	takenDefs []byte
	takenReps []byte
	taken     int     // slots
	batch     holding // what was taken
	// When choosing, only the chosen rows are taken, counted from the first of which passed have gone by; picked is
	// scratch.
	choosing       bool
	chosen, picked []int32
	passed         int
}

func newLeafReader(f *field, to *types.Type, chunk *parquet.FileColumnChunk, input *pageStream, o leafOptions) (*leaf, error) {
	s, err := newSink(f, to, o)
	if err != nil {
		return nil, err
	}
	l := &leaf{field: f, sink: s, pages: chunk.PagesFrom(input), input: input, batch: holding{from: input.memory.from}}
	if b, ok := s.(*bytesSink); ok {
		b.room = l.batch.resize
	}
	return l, nil
}

func (l *leaf) close() error {
	l.drop()
	l.input.close()
	_ = l.batch.resize(0)
	return l.pages.Close()
}

func (l *leaf) drop() {
	if l.page != nil {
		parquet.Release(l.page)
		l.page = nil
	}
}

// next reads the next page with values; false at the end of the column chunk.
func (l *leaf) next() (bool, error) {
	l.drop()
	for {
		p, err := l.pages.ReadPage()
		if errors.Is(err, io.EOF) && p == nil {
			return false, nil
		}
		if err != nil {
			var known *sqlerr.Error
			if errors.As(err, &known) {
				return false, known
			}
			return false, corrupt("reading a page: %w", err)
		}
		if p.NumValues() > 0 {
			return true, l.start(p)
		}
		parquet.Release(p)
	}
}

func (l *leaf) start(p parquet.Page) error {
	l.page, l.data, l.codes = p, p.Data(), nil
	l.defs, l.reps = p.DefinitionLevels(), p.RepetitionLevels()
	l.at, l.slot, l.slots = 0, 0, int(p.NumValues())
	if l.column().MaxDefinitionLevel() > 0 && len(l.defs) != l.slots ||
		l.column().MaxRepetitionLevel() > 0 && len(l.reps) != l.slots {
		return corrupt("a page of %d values has %d definition and %d repetition levels", l.slots, len(l.defs), len(l.reps))
	}
	d := p.Dictionary()
	if d == nil {
		return nil
	}
	l.codes = l.data.Int32()
	if d == l.dict {
		return nil
	}
	l.dict = d
	values := d.Page().Data()
	return l.sink.dictionary(&values, d.Len())
}

func (l *leaf) column() *parquet.Column { return l.field.column }

// take adds up to rows whole rows to what was taken, and says how many.
func (l *leaf) take(rows int) (int, error) {
	got := 0
	flat := l.column().MaxRepetitionLevel() == 0
	// The last row of a column of lists ends where the next begins, perhaps on another page.
	for got < rows || !flat {
		if l.page == nil || l.slot == l.slots {
			more, err := l.next()
			if err != nil || !more {
				return got, err
			}
		}
		until := l.slots
		if flat {
			until = min(until, l.slot+rows-got)
			got += until - l.slot
		} else if until, got = l.lists(rows, got); until == l.slot {
			return got, nil
		}
		use := l.use
		if l.choosing {
			use = l.useChosen
		}
		if err := use(until); err != nil {
			return got, err
		}
		if err := l.hold(); err != nil {
			return got, err
		}
	}
	return got, nil
}

// mostTaken bounds the slots of one batch: a row of lists goes on over as many pages as it likes.
const mostTaken = 1 << 28

// hold takes memory for what was taken so far.
func (l *leaf) hold() error {
	if l.taken > mostTaken {
		return corrupt("one batch has more than %d list elements", mostTaken)
	}
	return l.batch.resize(int64(l.sink.size()) + int64(len(l.takenDefs)+len(l.takenReps)))
}

// lists finds where the rows to be taken end on this page: before the first level that begins one row too many.
func (l *leaf) lists(rows, got int) (until, count int) {
	for i := l.slot; i < l.slots; i++ {
		if l.reps[i] != 0 {
			continue
		}
		if got == rows {
			return i, got
		}
		got++
	}
	return l.slots, got
}

// use takes the slots of the page up to until.
func (l *leaf) use(until int) error {
	n := until - l.slot
	if l.defs != nil {
		defs := l.defs[l.slot:until]
		l.takenDefs = append(l.takenDefs, defs...)
		highest := byte(l.column().MaxDefinitionLevel())
		n = 0
		for _, d := range defs {
			if d == highest {
				n++
			}
		}
	}
	if l.reps != nil {
		l.takenReps = append(l.takenReps, l.reps[l.slot:until]...)
	}
	l.taken += until - l.slot
	from := l.at
	l.slot, l.at = until, l.at+n
	if n == 0 { // a page of NULLs alone may lack its dictionary
		return nil
	}
	if l.codes == nil {
		return l.sink.values(&l.data, from, l.at)
	}
	if l.at > len(l.codes) {
		return corrupt("a page has %d codes where its levels say %d", len(l.codes), l.at)
	}
	return l.sink.codes(l.codes[from:l.at])
}

// reset forgets what was taken, once arrays were made of it.
func (l *leaf) reset() {
	l.takenDefs, l.takenReps, l.taken = l.takenDefs[:0], l.takenReps[:0], 0
	_ = l.batch.resize(0)
}
