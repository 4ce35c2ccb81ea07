package differential

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Cell is a value in PostgreSQL's text form.
type Cell struct {
	Text string
	Null bool
}

// String shows a NULL as NULL and text in quotes.
func (c Cell) String() string {
	if c.Null {
		return "NULL"
	}
	return fmt.Sprintf("%q", c.Text)
}

// Answer is what a statement gave: rows, or an error.
type Answer struct {
	Names []string
	// Types are format_type's names without modifiers, "" where the name is not known.
	Types []string
	Rows  [][]Cell
	// Err is why there are no rows, Code its SQLSTATE.
	Err  error
	Code string
}

// maxRows is the greatest answer that is compared.
const maxRows = 200_000

var errTooLarge = errors.New("the answer has too many rows to compare")

// String is the beginning of the rows, or the error.
func (a *Answer) String() string {
	if a.Err != nil {
		return fmt.Sprintf("%s %v", a.Code, a.Err)
	}
	return fmt.Sprintf("%q %s", a.Names, show(a.Rows))
}

func failed(err error, code string) *Answer { return &Answer{Err: err, Code: code} }

// askPostgres runs a text of one or more statements and gives the last one's answer.
func askPostgres(ctx context.Context, conn *pgconn.PgConn, sql string) *Answer {
	res := conn.Exec(ctx, sql)
	a := &Answer{}
	var tooLarge bool
	for res.NextResult() {
		a = &Answer{}
		r := res.ResultReader()
		for _, f := range r.FieldDescriptions() {
			a.Names = append(a.Names, f.Name)
			name := ""
			if t := types.ByOID(f.DataTypeOID, -1); t != nil {
				name = t.String()
			}
			a.Types = append(a.Types, name)
		}
		plain := currencies(a.Types)
		for r.NextRow() {
			if len(a.Rows) < maxRows {
				a.Rows = append(a.Rows, cellsOf(r.Values(), plain))
			} else {
				tooLarge = true
			}
		}
		if _, err := r.Close(); err != nil {
			break
		}
	}
	if err := res.Close(); err != nil {
		var pg *pgconn.PgError
		if errors.As(err, &pg) {
			return failed(err, pg.Code)
		}
		return failed(err, "")
	}
	if tooLarge {
		return failed(errTooLarge, "")
	}
	return a
}

func cellsOf(values [][]byte, plain []func(string) string) []Cell {
	row := make([]Cell, len(values))
	for i, v := range values {
		row[i] = Cell{Text: string(v), Null: v == nil}
		if plain[i] != nil {
			row[i].Text = plain[i](row[i].Text)
		}
	}
	return row
}

// currencies take the signs from PostgreSQL's money by column, which Arrow has as decimals.
func currencies(names []string) []func(string) string {
	out := make([]func(string) string, len(names))
	for i, t := range names {
		switch t {
		case "money":
			out[i] = currency.Replace
		case "money[]":
			out[i] = withoutCurrency
		}
	}
	return out
}

var currency = strings.NewReplacer("$", "", ",", "")

// withoutCurrency takes the signs from the elements of an array; those with a comma are quoted.
func withoutCurrency(list string) string {
	var b strings.Builder
	quoted := false
	for _, c := range list {
		switch {
		case c == '"':
			quoted = !quoted
		case c != '$' && !(quoted && c == ','):
			b.WriteRune(c)
		}
	}
	return b.String()
}

// askSkein runs a text of one or more statements in a session of its own and gives the last one's answer. A panic of a
// statement is its error.
func askSkein(ctx context.Context, e *engine.Engine, settings map[string]string, sql string) (answer *Answer) {
	defer func() {
		if p := recover(); p != nil {
			answer = failed(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), sqlerr.InternalError)
		}
	}()
	s, err := e.NewSession(engine.Identity{})
	if err != nil {
		return failed(err, sqlerr.Code(err))
	}
	defer func() { _ = s.Close() }()
	for name, value := range settings {
		if err := s.Set(name, value); err != nil {
			return failed(err, sqlerr.Code(err))
		}
	}
	texts := []string{sql}
	if stmts, err := parse.ParseScript(sql); err == nil && len(stmts) > 1 {
		texts = texts[:0]
		for _, st := range stmts {
			texts = append(texts, st.SQL())
		}
	}
	a := &Answer{}
	for _, text := range texts {
		if a, err = execute(ctx, s, text); err != nil {
			return failed(err, sqlerr.Code(err))
		}
	}
	return a
}

func execute(ctx context.Context, s *engine.Session, sql string) (_ *Answer, err error) {
	st, err := s.Prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	res, err := st.Execute(ctx, nil, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	name, err := s.Get(engine.SettingTimeZone)
	if err != nil {
		return nil, err
	}
	zone, _, err := datum.SessionZone(name)
	if err != nil {
		return nil, err
	}
	p, err := newPrinter(res.Schema(), zone)
	if err != nil {
		return nil, err
	}
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			return &p.answer, nil
		}
		if err != nil {
			return nil, err
		}
		err = p.add(rec)
		rec.Release()
		if err != nil {
			return nil, err
		}
	}
}

// printer turns client batches into PostgreSQL's text.
type printer struct {
	answer    Answer
	importers []*interchange.Importer
	zone      *time.Location
}

func newPrinter(s *arrow.Schema, zone *time.Location) (*printer, error) {
	p := &printer{zone: zone}
	for _, f := range s.Fields() {
		im, err := interchange.NewImporter(f, interchange.ImportOptions{})
		if err != nil {
			return nil, err
		}
		p.importers = append(p.importers, im)
		p.answer.Names = append(p.answer.Names, f.Name)
		name, _ := f.Metadata.GetValue(interchange.TypeNameKey)
		p.answer.Types = append(p.answer.Types, name)
	}
	return p, nil
}

func (p *printer) add(rec arrow.RecordBatch) error {
	first := len(p.answer.Rows)
	if first+int(rec.NumRows()) > maxRows {
		return errTooLarge
	}
	for range rec.NumRows() {
		p.answer.Rows = append(p.answer.Rows, make([]Cell, len(p.importers)))
	}
	for c, im := range p.importers {
		arr, err := im.Import(rec.Column(c))
		if err != nil {
			return err
		}
		for r := range int(rec.NumRows()) {
			p.answer.Rows[first+r][c] = printed(im.Type(), datum.FromArray(im.Type(), arr, r), p.zone)
		}
		arr.Release()
	}
	return nil
}

func printed(t *types.Type, v any, zone *time.Location) Cell {
	if v == nil {
		return Cell{Null: true}
	}
	return Cell{Text: datum.Text(t, v, zone)}
}
