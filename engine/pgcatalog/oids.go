// Package pgcatalog makes information_schema and pg_catalog, as PostgreSQL 15 has them, of what is known of a federated
// catalog: its servers, tables, views, types and functions. It does no I/O: a [World] says what there is.
//
// A schema of the session's current catalog is called by its name in pg_catalog, one of another catalog "catalog.schema":
// the same words that search_path takes. information_schema has the catalog in columns of its own.
package pgcatalog

import (
	"hash/fnv"
	"io"
	"sync"
)

// FirstOID is the first object identifier that is not PostgreSQL's own (FirstNormalObjectId).
const FirstOID = 16384

// Kind says what an object identifier stands for.
type Kind byte

// The kinds of objects. A rule is that of a view; a row type is that of a relation.
const (
	Namespace Kind = iota
	Class
	Index
	Constraint
	Type
	RowType
	Proc
	Database
	Role
	ForeignServer
	Wrapper
)

// Object is what an identifier stands for. Server is the catalog, Schema the schema in it; an index or a constraint has
// its table in Parent.
type Object struct {
	Kind                         Kind
	Server, Schema, Parent, Name string
}

// OIDs gives objects their identifiers: a hash of what they are, above PostgreSQL's own, so that they are the same in
// every process but where two hashes collide; then the later one takes the next free number. The zero value is ready.
// Safe for concurrent use.
type OIDs struct {
	mu      sync.Mutex
	numbers map[Object]int64
	objects map[int64]Object
}

// Of is the identifier of an object.
func (o *OIDs) Of(x Object) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n, ok := o.numbers[x]; ok {
		return n
	}
	if o.numbers == nil {
		o.numbers, o.objects = map[Object]int64{}, map[int64]Object{}
	}
	n := x.hash()
	for {
		if _, taken := o.objects[n]; !taken {
			break
		}
		if n++; n > lastOID {
			n = FirstOID
		}
	}
	o.numbers[x], o.objects[n] = n, x
	return n
}

// Known is the identifier of an object that has one already.
func (o *OIDs) Known(x Object) (int64, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, ok := o.numbers[x]
	return n, ok
}

// Object is what an identifier was given to.
func (o *OIDs) Object(n int64) (Object, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	x, ok := o.objects[n]
	return x, ok
}

// lastOID keeps identifiers in what clients that read them as int4 take.
const lastOID = 1<<31 - 1

func (x Object) hash() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte{byte(x.Kind)})
	for _, s := range []string{x.Server, x.Schema, x.Parent, x.Name} {
		_, _ = io.WriteString(h, s)
		_, _ = h.Write([]byte{0})
	}
	return FirstOID + int64(h.Sum64()%(lastOID-FirstOID))
}
