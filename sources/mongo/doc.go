// Package mongo reads MongoDB: kind "mongo". A database is a schema, a collection or a view a table
// (pay.payments.payment is server pay, database payments, collection payment).
//
// # Columns
//
// A table's columns are those of CREATE FOREIGN TABLE; else those of the collection's $jsonSchema validator; else those
// that a random sample of documents shows (option sample_size, 1,000). Names are kept as they are, in upper and lower
// case. Options of a column change what was found: type (what ALTER COLUMN … TYPE sets), name (the key in documents
// where it is not the column's name), bson (where text is ObjectIds in hexadecimal: 'objectId', or a JSON object of
// the fields of documents that are), on_mismatch.
//
//	BSON                                type
//	int                                 integer
//	long, or int and long               bigint
//	double, or int and double           double precision
//	long and double                     double precision while every long seen is within ±2^53, else numeric
//	decimal, or decimal and any number  numeric, each value with the scale that it has; NaN and the infinities too
//	bool                                boolean
//	string                              text
//	date                                timestamp with time zone, never date
//	objectId                            text: 24 lower-case hexadecimal digits, which sort as ObjectIds do
//	binary of subtype 4, 16 bytes       uuid
//	other binary, or both               bytea
//	document                            a composite of its fields, by the same rules
//	array                               an array of its elements' type, by the same rules
//	null and missing values only        text
//	anything else, and other mixtures   json
//
// Documents without fields, with more than 256 keys, or nested deeper than 16 levels are json; so are arrays that are
// empty in all documents, arrays of arrays and arrays of mixed types. A json column holds MongoDB's relaxed extended
// JSON (v2). The last column, _document, is the whole document as json, so that nothing is out of reach that the sample
// did not show (option document_column, ” for none). _id is the primary key of a collection; not of a view or a time
// series, whose documents may lack it.
//
// # Values
//
// Null, undefined and missing are NULL. A number fits a column when the column's type holds exactly that value, whatever
// the number's BSON type: the double 3.0 fits integer, 3.5 does not; a double in a numeric column has all its binary
// digits. Text is UTF-8 without NUL. A value that does not fit is an error that names the field, the document's _id and
// the statements that cure it (on_mismatch 'error'); or NULL (on_mismatch 'null'); or it cannot happen, because the
// column is read as json (on_mismatch 'json'). The option stands on a server, a table or a column.
//
// # Filters
//
// Comparisons, [NOT] IN, BETWEEN, IS [NOT] NULL, AND, OR, NOT and LIKE with a constant beginning are sent, with SQL's
// rules for NULL and NaN worked in. Servers compare within a BSON type only, and a sample or a validator proves nothing
// of documents that it did not see. So a filter on a column whose mismatches are errors also passes documents whose
// value is of another type (through $type, which an index serves), and these raise their error in the decoder as they
// would without the filter. Numbers are compared by value across BSON types: one that does not fit the column raises its
// error when it passes the filter. Comparisons with numeric, and those on columns whose mismatches are NULL, are rechecked
// by the engine. A comparison of text is sent with the simple collation, which is the order of bytes; on a view with
// another collation, which cannot be overridden, it is not sent. A limit is sent above an exact filter only.
//
// A projection is sent where documents are large and little of them is wanted (option projection: auto, on, off): some
// servers take longer to build the smaller documents than to send the whole ones.
//
// # Snapshots
//
// On a replica set or a sharded cluster all reads of a statement run in one transaction with read concern "snapshot",
// one request after the other (option snapshot 'transaction'): lanes share it, a scan is one split, and decoding runs
// beside the next request. A server ends transactions after transactionLifetimeLimitSeconds, 60 by default. With snapshot
// 'session' (MongoDB 5.0; the default where read_preference is not primary) reads name one cluster time instead; they may
// take as long as the server keeps history (300 seconds by default). A standalone server has neither: there a scan
// that runs while others write may see a part of their changes, and so it is with snapshot 'none'.
package mongo
