package mongo

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/skeinsql/skein/sources"
)

// collection is what listCollections says of one.
type collection struct {
	database, name string
	view           bool
	series         bool // time series: _id is no key
	collated       bool // strings do not compare by bytes unless a query says so
	// identity changes when the collection is dropped and made anew, or when its validator or its view's pipeline does.
	identity  []byte
	validator bson.Raw
}

// detail is what a table keeps for Plan and Begin. Immutable.
type detail struct {
	collection
	fields []*field // parallel to the table's columns
	// width is the average size of a document, 0 when unknown; widths those of columns.
	width  float64
	widths []float64
}

// Discover lists collections and views. Columns come from the declaration where there is one, else from the validator,
// else from a random sample that is taken anew with each call.
func (s *Source) Discover(ctx context.Context, p sources.Pattern) ([]*sources.Table, error) {
	if err := checkDeclared(s.settings.server, p.Declared); err != nil {
		return nil, err
	}
	if s.budget != nil {
		lease, err := s.budget.Acquire(ctx, map[string]int{s.settings.server: 1})
		if err != nil {
			return nil, err
		}
		defer lease.Close()
	}
	d, err := s.deployment(sources.Identity{})
	if err != nil {
		return nil, err
	}
	databases, err := s.databaseNames(ctx, d)
	if err != nil {
		return nil, err
	}
	var out []*sources.Table
	for _, db := range databases {
		if p.Schema != "" && p.Schema != db {
			continue
		}
		collections, err := s.collections(ctx, d, db, p.Table)
		if err != nil {
			return nil, err
		}
		for _, c := range collections {
			t, err := s.table(ctx, d, c, p)
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// collections lists a database's collections and views, or one of them, by name.
func (s *Source) collections(ctx context.Context, d *deployment, db string, names ...string) ([]collection, error) {
	cmd := bson.D{{Key: "listCollections", Value: 1}, {Key: "authorizedCollections", Value: true}}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
	if len(names) > 0 {
		filter := bson.D{{Key: "name", Value: bson.D{{Key: "$in", Value: names}}}}
		cmd = append(cmd[:1], bson.E{Key: "filter", Value: filter})
	}
	var out []collection
	err := s.drain(ctx, d, db, cmd, "listing the collections of "+db, func(doc bson.Raw) {
		if c := readCollection(db, doc); !strings.HasPrefix(c.name, "system.") {
			out = append(out, c)
		}
	})
	slices.SortFunc(out, func(a, b collection) int { return cmp.Compare(a.name, b.name) })
	return out, err
}

func readCollection(db string, doc bson.Raw) collection {
	c := collection{database: db}
	c.name, _ = doc.Lookup("name").StringValueOK()
	kind, _ := doc.Lookup("type").StringValueOK()
	opts, _ := doc.Lookup("options").DocumentOK()
	c.view = kind == "view"
	c.series = kind == "timeseries" || opts.Lookup("timeseries").Type != 0
	c.validator, _ = opts.Lookup("validator").DocumentOK()
	if locale, ok := opts.Lookup("collation", "locale").StringValueOK(); ok {
		c.collated = locale != "simple"
	}
	for _, v := range []bson.RawValue{
		doc.Lookup("info", "uuid"), opts.Lookup("viewOn"), opts.Lookup("pipeline"),
		opts.Lookup("validator"), opts.Lookup("collation"),
	} {
		c.identity = append(append(c.identity, byte(v.Type)), v.Value...)
	}
	return c
}

// drain visits every document of a command's cursor.
func (s *Source) drain(ctx context.Context, d *deployment, db string, cmd bson.D, doing string, visit func(bson.Raw)) error {
	ctx, cancel := undated(ctx)
	defer cancel()
	cur, err := again(ctx, func() (*mongo.Cursor, error) {
		return d.client.Database(db).RunCommandCursor(ctx, cmd, runOptions(s.settings))
	})
	if err != nil {
		return s.settings.translate(ctx, doing, err)
	}
	for cur.Next(ctx) {
		visit(cur.Current)
	}
	err = cur.Err()
	end, done := brief(ctx)
	defer done()
	_ = cur.Close(end) // a cursor that is read to its end is closed already
	return s.settings.translate(ctx, doing, err)
}

func (s *Source) table(ctx context.Context, d *deployment, c collection, p sources.Pattern) (*sources.Table, error) {
	t := &sources.Table{
		ServerName: s.settings.server, SchemaName: c.database, TableName: c.name, Type: sources.BaseTable, RowCount: -1,
	}
	if c.view {
		t.Type = sources.ViewTable
	}
	if p.NamesOnly {
		return t, nil
	}
	b := &tableBuilder{settings: s.settings, table: t, detail: &detail{collection: c}}
	for _, declared := range p.Declared {
		if declared.SchemaName == c.database && declared.TableName == c.name {
			b.declared = declared
		}
	}
	if !c.view {
		t.RowCount = s.count(ctx, d, c)
	}
	if b.declared == nil || len(b.declared.Cols) == 0 {
		if err := s.learn(ctx, d, b); err != nil {
			return nil, err
		}
	} else if c.key() {
		if err := s.sample(ctx, d, b, statisticsTime); err != nil {
			s.log.Debug("sampling a declared table", "server", s.settings.server, "table", c.name, "error", err)
		}
	}
	return t, b.build()
}

// statisticsTime bounds the sample of a table whose columns are declared: it is taken for statistics only.
const statisticsTime = 2 * time.Second

// count is the number of documents from the collection's metadata, -1 when it is not to be had.
func (s *Source) count(ctx context.Context, d *deployment, c collection) float64 {
	raw, err := d.command(ctx, s.settings, c.database, bson.D{{Key: "count", Value: c.name}})
	if err != nil {
		return -1
	}
	n, ok := raw.Lookup("n").AsInt64OK()
	if !ok {
		return -1
	}
	return float64(n)
}

// learn fills the builder's shape from the validator and a sample.
func (s *Source) learn(ctx context.Context, d *deployment, b *tableBuilder) error {
	if err := s.sample(ctx, d, b, s.settings.statement); err != nil {
		return err
	}
	schema, ok := schemaShape(b.detail.validator)
	if !ok {
		b.shape = b.sampled
		return nil
	}
	b.shape = schema
	// A validator that says nothing of _id: the sample does.
	if id := b.sampled.index["_id"]; id != nil && schema.index["_id"] == nil {
		schema.field("_id", 0).kinds = id.kinds
	}
	return nil
}

// sample reads documents at random into the builder.
func (s *Source) sample(ctx context.Context, d *deployment, b *tableBuilder, limit time.Duration) error {
	c := b.detail.collection
	b.sampled, b.statistics = &shape{}, newStatistics()
	cmd := bson.D{
		{Key: "aggregate", Value: c.name},
		{Key: "pipeline", Value: bson.A{bson.D{{Key: "$sample", Value: bson.D{{Key: "size", Value: s.settings.sample}}}}}},
		{Key: "cursor", Value: bson.D{}},
	}
	if limit > 0 {
		cmd = append(cmd, bson.E{Key: "maxTimeMS", Value: limit.Milliseconds()})
	}
	return s.drain(ctx, d, c.database, cmd, "sampling the collection "+c.database+"."+c.name, func(doc bson.Raw) {
		b.sampled.add(bsonDocument, doc, 0)
		b.statistics.add(doc)
	})
}

// key says whether _id is there in every document and unique.
func (c *collection) key() bool { return !c.view && !c.series }
