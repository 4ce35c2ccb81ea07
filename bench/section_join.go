package main

import (
	"context"
	"fmt"

	"github.com/skeinsql/skein"
)

// joinSQL joins every order with its items and groups by two columns of the one side and one of the other.
const joinSQL = `SELECT o_orderpriority, l_shipmode, count(*) AS items, sum(l_extendedprice * (1 - l_discount)) AS revenue
	FROM %sorders JOIN %slineitem ON l_orderkey = o_orderkey
	WHERE l_shipdate > o_orderdate + 30
	GROUP BY o_orderpriority, l_shipmode`

// benchJoin joins orders in PostgreSQL with lineitem in Parquet, against DuckDB with both in Parquet: what could be
// reached if nothing had to leave a server.
func benchJoin(ctx context.Context, l *lab) ([]result, error) {
	data, err := l.postgres(ctx)
	if err != nil {
		return nil, err
	}
	lake, err := l.tpch(ctx)
	if err != nil {
		return nil, err
	}
	duck, err := l.peers(ctx)
	if err != nil {
		return nil, err
	}
	db, err := l.open(ctx, skein.Source("pg", data.url), skein.Source("lake", "parquet://"+lake))
	if err != nil {
		return nil, err
	}
	peer := duck.duckdb(fmt.Sprintf(joinSQL, "", ""))
	peer.name += ", all in Parquet"
	ours := embedded(db, fmt.Sprintf(joinSQL, "pg.public.", "lake.main."))
	r, err := compare(ctx, l.cfg.rounds, "join of PostgreSQL's orders with Parquet's lineitem", 0, ours, peer)
	return []result{r}, err
}
