// Package differential holds Skein's answers against PostgreSQL's. A statement runs on PostgreSQL over a [Dataset], and
// on Skein over the same rows in each [Placement]: in PostgreSQL with pushdown and without, in Parquet files, in memory;
// under several batch sizes and numbers of workers. Answers compare by value and by column name, numerics exactly,
// floats to 1e-9, order on the ORDER BY keys alone. Where they differ, PostgreSQL is asked again over physically
// shuffled copies of the tables: a statement whose answer depends on that says nothing.
//
// The statements lie in testdata, by feature; [Expand] writes those of them that go through the function table, the
// operators, the casts and the aggregates. [Generator] makes random ones, and [Shrink] reduces one that differs.
package differential
