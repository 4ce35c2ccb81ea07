package main

import (
	"context"
	"errors"
	"os"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/internal/fixture"
)

// lab holds what sections share, each part started when it is first asked for. Not for concurrent use.
type lab struct {
	cfg    config
	lake   string
	tmp    string
	lakeDB *skein.DB
	python *peer
	pg     *postgresData
	stops  []func() error
}

func newLab(cfg config) *lab { return &lab{cfg: cfg} }

// close ends everything, last started first.
func (l *lab) close() error {
	var errs []error
	for i := len(l.stops) - 1; i >= 0; i-- {
		errs = append(errs, l.stops[i]())
	}
	l.stops = nil
	return errors.Join(errs...)
}

// tpch is the folder with the Parquet tables.
func (l *lab) tpch(ctx context.Context) (string, error) {
	var err error
	if l.lake == "" {
		l.lake, err = tpchFolder(ctx, l.cfg.scale)
	}
	return l.lake, err
}

// temp is a folder that goes with the lab.
func (l *lab) temp() (string, error) {
	if l.tmp != "" {
		return l.tmp, nil
	}
	dir, err := os.MkdirTemp("", "skein-bench-")
	if err != nil {
		return "", err
	}
	l.tmp = dir
	l.stops = append(l.stops, func() error { return os.RemoveAll(dir) })
	return dir, nil
}

// peers is the Python process with DuckDB and the Flight clients, whose views are the Parquet tables.
func (l *lab) peers(ctx context.Context) (*peer, error) {
	if l.python != nil {
		return l.python, nil
	}
	p, err := startPeer(ctx)
	if err != nil {
		return nil, err
	}
	l.stops = append(l.stops, p.stop)
	dir, err := l.tpch(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := p.ask(request{Do: "open", Folder: dir, Threads: l.cfg.workers}); err != nil {
		return nil, err
	}
	l.python = p
	return p, nil
}

// open opens a DB with as many workers as the peers have threads.
func (l *lab) open(ctx context.Context, opts ...skein.Option) (*skein.DB, error) {
	db, err := skein.Open(ctx, append(opts, skein.Workers(l.cfg.workers))...)
	if err == nil {
		l.stops = append(l.stops, db.Close)
	}
	return db, err
}

// parquet is a DB over the Parquet tables, under their plain names.
func (l *lab) parquet(ctx context.Context) (*skein.DB, error) {
	if l.lakeDB != nil {
		return l.lakeDB, nil
	}
	dir, err := l.tpch(ctx)
	if err != nil {
		return nil, err
	}
	l.lakeDB, err = l.open(ctx, skein.Source("lake", "parquet://"+dir), skein.Setting("search_path", "lake.main"))
	return l.lakeDB, err
}

// postgres is a PostgreSQL server with orders and lineitem.
func (l *lab) postgres(ctx context.Context) (*postgresData, error) {
	if l.pg != nil {
		return l.pg, nil
	}
	server, err := fixture.StartPostgres(ctx, fixture.PostgresOptions{Settings: map[string]string{"shared_buffers": "2GB"}})
	if err != nil {
		return nil, err
	}
	l.stops = append(l.stops, server.Stop)
	l.pg, err = loadPostgres(ctx, l, server)
	return l.pg, err
}

// drain runs a statement in this process and reads all of its rows.
func drain(ctx context.Context, db *skein.DB, sql string, opts ...any) (sample, error) {
	return timed(func() (int64, error) {
		r, err := db.Query(ctx, sql, opts...)
		if err != nil {
			return 0, err
		}
		defer r.Release()
		var rows int64
		for r.Next() {
			rows += r.RecordBatch().NumRows()
		}
		return rows, r.Err()
	})
}

// embedded is Skein inside this process.
func embedded(db *skein.DB, sql string) contender {
	return contender{"skein", func(ctx context.Context) (sample, error) { return drain(ctx, db, sql) }}
}
