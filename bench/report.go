package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// printTable prints the results for reading.
func printTable(w io.Writer, results []result) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"", "skein", "peer", "unit", "ratio", "limit", "", "rows/s", "CPU ratio", "peer"})
	right := func(n int) table.ColumnConfig { return table.ColumnConfig{Number: n, Align: text.AlignRight} }
	t.SetColumnConfigs([]table.ColumnConfig{right(2), right(3), right(5), right(6), right(8), right(9)})
	for _, r := range results {
		t.AppendRow(table.Row{
			r.Name, short(r.Skein), short(r.Other), r.Unit, short(r.Ratio), short(r.Limit), verdict(r), rate(r), short(r.CPURatio), r.Peer,
		})
	}
	t.Render()
}

func verdict(r result) string {
	switch {
	case r.Limit == 0:
		return ""
	case r.Ratio <= r.Limit:
		return "ok"
	}
	return "over"
}

// short is a figure to three digits, nothing for none.
func short(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func rate(r result) string {
	if r.Rows < 1000 || r.Skein == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f M", float64(r.Rows)/r.Skein/1e6)
}

// write writes the results for programs and as a picture.
func write(dir string, cfg config, results []result) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	doc := map[string]any{
		"time": time.Now().UTC().Format(time.RFC3339), "scale": cfg.scale, "rounds": cfg.rounds, "workers": cfg.workers,
		"processors": runtime.NumCPU(), "go": runtime.Version(), "results": results,
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "results.json"), append(text, '\n'), 0o644),
		writeCSV(filepath.Join(dir, "results.csv"), results),
		os.WriteFile(filepath.Join(dir, "ratios.svg"), []byte(plot(results)), 0o644),
	)
}

func writeCSV(name string, results []result) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := csv.NewWriter(f)
	rows := [][]string{{"section", "name", "unit", "peer", "skein", "peer_value", "ratio", "limit", "skein_cpu", "peer_cpu", "cpu_ratio", "rows"}}
	for _, r := range results {
		rows = append(rows, []string{
			r.Section, r.Name, r.Unit, r.Peer, short(r.Skein), short(r.Other), short(r.Ratio), short(r.Limit),
			short(r.SkeinCPU), short(r.OtherCPU), short(r.CPURatio), strconv.FormatInt(r.Rows, 10),
		})
	}
	return w.WriteAll(rows)
}
