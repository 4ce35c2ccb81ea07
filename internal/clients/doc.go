// Package clients holds the tests that run real Flight SQL clients, each a program of its own, against a server over the
// shop's PostgreSQL, MongoDB and Parquet files: Python (ADBC, pandas, polars), Java (JDBC) and Go (flightsql,
// database/sql). It has no code besides.
package clients
