package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// jsonSink writes one object a line as PostgreSQL's row_to_json does: columns in their order, numbers with all their
// digits, json as it is, dates and times in ISO 8601.
type jsonSink struct {
	w    io.Writer
	text *textColumns
	keys [][]byte // "name":
	line []byte
}

func newJSONSink(w io.Writer, schema *arrow.Schema) (*jsonSink, error) {
	text, err := newTextColumns(schema)
	s := &jsonSink{w: w, text: text}
	for _, name := range fieldNames(schema) {
		s.keys = append(s.keys, append(appendQuoted(nil, name), ':'))
	}
	return s, err
}

func (s *jsonSink) write(rec arrow.RecordBatch) error {
	cols := make([]arrow.Array, rec.NumCols())
	for i, im := range s.text.importers {
		arr, err := im.Import(rec.Column(i))
		if err != nil {
			return err
		}
		defer arr.Release()
		cols[i] = arr
	}
	for r := range int(rec.NumRows()) {
		s.line = append(s.line[:0], '{')
		for i, im := range s.text.importers {
			if i > 0 {
				s.line = append(s.line, ',')
			}
			s.line = append(s.line, s.keys[i]...)
			s.line = s.appendCell(s.line, i, datum.FromArray(im.Type(), cols[i], r))
		}
		s.line = append(s.line, '}', '\n')
		if _, err := s.w.Write(s.line); err != nil {
			return err
		}
	}
	return nil
}

// appendCell writes a column's value; numerics that came as text are numbers all the same.
func (s *jsonSink) appendCell(dst []byte, i int, v any) []byte {
	t := s.text.importers[i].Type()
	switch v := v.(type) {
	case string:
		if s.text.names[i] == "numeric" {
			return appendNumber(dst, v)
		}
	case []any:
		if s.text.names[i] == "numeric[]" && t.Kind == types.Array && t.Elem.Kind == types.Text {
			return appendNumbers(dst, v)
		}
	}
	if t.Kind == types.Numeric && v != nil {
		return appendNumber(dst, s.text.short(i, string(datum.Append(nil, t, v, nil))))
	}
	return appendJSON(dst, t, v)
}

func (s *jsonSink) close() error { return nil }

// appendJSON writes one value.
func appendJSON(dst []byte, t *types.Type, v any) []byte {
	if v == nil {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case types.Array:
		dst = append(dst, '[')
		for i, e := range v.([]any) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, t.Elem, e)
		}
		return append(dst, ']')
	case types.Composite, types.Record:
		dst = append(dst, '{')
		for i, e := range v.([]any) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendQuoted(dst, fieldName(t, i))
			dst = append(dst, ':')
			dst = appendJSON(dst, t.Fields[i].Type, e)
		}
		return append(dst, '}')
	}
	return appendScalar(dst, t, v)
}

func fieldName(t *types.Type, i int) string {
	if name := t.Fields[i].Name; name != "" {
		return name
	}
	return fmt.Sprintf("f%d", i+1)
}

func appendScalar(dst []byte, t *types.Type, v any) []byte {
	text := string(datum.Append(nil, t, v, nil))
	switch t.Kind {
	case types.Bool:
		if v.(bool) {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case types.Int2, types.Int4, types.Int8, types.OID, types.Float4, types.Float8, types.Numeric:
		return appendNumber(dst, text)
	case types.JSON, types.JSONB:
		var b bytes.Buffer // on one line, whatever line ends stand in it
		if json.Compact(&b, []byte(text)) == nil {
			return append(dst, b.Bytes()...)
		}
	case types.Timestamp, types.TimestampTZ:
		text = strings.Replace(text, " ", "T", 1)
		if i := strings.LastIndexAny(text, "+-"); t.Kind == types.TimestampTZ && i == len(text)-3 && strings.Contains(text, "T") {
			text += ":00"
		}
	}
	return appendQuoted(dst, text)
}

// appendNumber writes a number bare; NaN and the infinities, which JSON has not, as strings.
func appendNumber(dst []byte, text string) []byte {
	if strings.ContainsAny(text, "Nn") {
		return appendQuoted(dst, text)
	}
	return append(dst, text...)
}

// appendNumbers writes an array of numbers that are given as text.
func appendNumbers(dst []byte, texts []any) []byte {
	dst = append(dst, '[')
	for i, v := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		if text, ok := v.(string); ok {
			dst = appendNumber(dst, text)
		} else {
			dst = append(dst, "null"...)
		}
	}
	return append(dst, ']')
}

const hexDigits = "0123456789abcdef"

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
