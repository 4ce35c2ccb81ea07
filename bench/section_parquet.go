package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// benchParquet scans all columns of lineitem into Arrow.
func benchParquet(ctx context.Context, l *lab) ([]result, error) {
	r, err := l.againstDuckDB(ctx, "scan of lineitem, 16 columns", "SELECT * FROM lineitem", 0)
	return []result{r}, err
}

// benchTPCH runs TPC-H's queries over Parquet.
func benchTPCH(ctx context.Context, l *lab) ([]result, error) {
	var out []result
	for _, q := range l.cfg.queries {
		sql, err := readQuery(q)
		if err != nil {
			return nil, err
		}
		r, err := l.againstDuckDB(ctx, fmt.Sprintf("TPC-H %d over Parquet", q), sql, 3)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// againstDuckDB runs a statement over the Parquet tables here and in DuckDB.
func (l *lab) againstDuckDB(ctx context.Context, name, sql string, limit float64) (result, error) {
	db, err := l.parquet(ctx)
	if err != nil {
		return result{}, err
	}
	duck, err := l.peers(ctx)
	if err != nil {
		return result{}, err
	}
	return compare(ctx, l.cfg.rounds, name, limit, embedded(db, sql), duck.duckdb(sql))
}

// readQuery reads one of TPC-H's queries from testdata, above the working directory.
func readQuery(q int) (string, error) {
	name := filepath.Join("testdata", "tpch", fmt.Sprintf("q%02d.sql", q))
	for _, up := range []string{".", ".."} {
		if text, err := os.ReadFile(filepath.Join(up, name)); err == nil {
			return string(text), nil
		}
	}
	return "", fmt.Errorf("%s is not below the working directory; run it in the repository", name)
}
