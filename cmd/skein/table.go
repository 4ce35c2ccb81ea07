package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jedib0t/go-pretty/v6/text"
)

// widthRows is how many rows are looked at for the widths of columns; later ones may stand out, but come at once.
const widthRows = 1000

// maxWidth is the widest that a column becomes because of its first rows.
const maxWidth = 60

// tableSink prints rows as psql does.
type tableSink struct {
	w      io.Writer
	text   *textColumns
	names  []string
	count  bool
	held   [][]cell
	widths []int
	rows   int64
}

func (s *tableSink) write(rec arrow.RecordBatch) error {
	rows, err := s.text.rows(rec)
	if err != nil {
		return err
	}
	s.rows += int64(len(rows))
	if s.widths != nil {
		return s.print(rows)
	}
	if s.held = append(s.held, rows...); len(s.held) < widthRows {
		return nil
	}
	return s.start()
}

// start prints the header and what was held back for the widths.
func (s *tableSink) start() error {
	s.widths = make([]int, len(s.names))
	for i, n := range s.names {
		s.widths[i] = text.StringWidth(n)
	}
	for _, r := range s.held {
		for i, c := range r {
			s.widths[i] = max(s.widths[i], min(text.StringWidth(oneLine(c.text)), maxWidth))
		}
	}
	rule := make([]string, len(s.names))
	head := make([]string, len(s.names))
	for i, n := range s.names {
		head[i] = " " + text.AlignCenter.Apply(n, s.widths[i]) + " "
		rule[i] = strings.Repeat("-", s.widths[i]+2)
	}
	if _, err := fmt.Fprintf(s.w, "%s\n%s\n", strings.TrimRight(strings.Join(head, "|"), " "), strings.Join(rule, "+")); err != nil {
		return err
	}
	held := s.held
	s.held = nil
	return s.print(held)
}

func (s *tableSink) print(rows [][]cell) error {
	var b strings.Builder
	for _, r := range rows {
		b.Reset()
		for i, c := range r {
			if i > 0 {
				b.WriteByte('|')
			}
			pad := strings.Repeat(" ", max(0, s.widths[i]-text.StringWidth(oneLine(c.text))))
			if s.text.rightAligned(i) {
				b.WriteString(" " + pad + oneLine(c.text) + " ")
			} else {
				b.WriteString(" " + oneLine(c.text) + pad + " ")
			}
		}
		if _, err := fmt.Fprintln(s.w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

// oneLine keeps a value on its line, and a terminal from being told what to do by data.
func oneLine(v string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
			return '·'
		}
		return r
	}, v)
}

func (s *tableSink) close() error {
	if s.widths == nil {
		if err := s.start(); err != nil {
			return err
		}
	}
	if !s.count {
		return nil
	}
	unit := "rows"
	if s.rows == 1 {
		unit = "row"
	}
	_, err := fmt.Fprintf(s.w, "(%d %s)\n", s.rows, unit)
	return err
}
