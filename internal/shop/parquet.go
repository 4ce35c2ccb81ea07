package shop

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// eventRow is an event as it stands in a file; the month is its folder.
type eventRow struct {
	ID       int64   `parquet:"id"`
	Customer int32   `parquet:"customer_id"`
	Kind     string  `parquet:"kind,dict"`
	At       int64   `parquet:"at,timestamp(microsecond)"`
	Page     *string `parquet:"page,optional,dict"`
	Millis   int32   `parquet:"duration_ms"`
	Value    *int64  `parquet:"value,optional,decimal(2:12)"`
}

// rowsPerFile and rowsPerGroup are small, so that a small data set has several files and row groups too.
const (
	rowsPerFile  = 1000
	rowsPerGroup = 400
)

// WriteParquet writes events/month=…/part-n.parquet and extremes.parquet below dir.
func (s *Shop) WriteParquet(dir string) error {
	months := map[string][]eventRow{}
	for i := range s.Events {
		e := &s.Events[i]
		months[e.Month()] = append(months[e.Month()], eventRow{
			ID: e.ID, Customer: e.Customer, Kind: e.Kind, At: e.At.UnixMicro(), Page: e.Page, Millis: e.Millis, Value: (*int64)(e.Value),
		})
	}
	for month, rows := range months {
		folder := filepath.Join(dir, "events", "month="+month)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("writing events: %w", err)
		}
		n := 0
		for part := range slices.Chunk(rows, rowsPerFile) {
			if err := writeRows(filepath.Join(folder, fmt.Sprintf("part-%d.parquet", n)), part); err != nil {
				return err
			}
			n++
		}
	}
	return writeRows(filepath.Join(dir, "extremes.parquet"), extremeRows())
}

func writeRows[R any](path string, rows []R) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := parquet.NewGenericWriter[R](f, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(rowsPerGroup))
	if _, err := w.Write(rows); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return w.Close()
}

type extremeRow struct {
	ID int32    `parquet:"id"`
	I  *int64   `parquet:"i,optional"`
	F  *float64 `parquet:"f,optional"`
	T  *string  `parquet:"t,optional"`
	B  []byte   `parquet:"b,optional"`
	N  *int64   `parquet:"n,optional,decimal(2:18)"`
	D  *int32   `parquet:"d,optional,date"`
	At *int64   `parquet:"at,optional,timestamp(microsecond)"`
	L  []int32  `parquet:"l,list"`
}

func extremeRows() []extremeRow {
	return []extremeRow{
		{ID: 1},
		{ID: 2, I: new(int64(math.MinInt64)), F: new(math.Inf(-1)), T: new(""), B: []byte{}, N: new(int64(-999999999999999999)), D: new(int32(-719162)), At: new(int64(-62135596800000000))},
		{ID: 3, I: new(int64(math.MaxInt64)), F: new(math.Inf(1)), T: new("Ünïcödé 漢字 🙂"), B: []byte{0xff, 0}, N: new(int64(999999999999999999)), D: new(int32(2932896)), At: new(int64(253402300799999999)), L: []int32{1, 2}},
		{ID: 4, I: new(int64(0)), F: new(math.NaN()), T: new("trailing  "), N: new(int64(0)), D: new(int32(0)), At: new(int64(0)), L: []int32{}},
		{ID: 5, I: new(int64(1)), F: new(math.Copysign(0, -1)), T: new("quote ' back\\slash %_\n"), N: new(int64(-1))},
	}
}
