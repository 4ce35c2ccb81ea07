package flightsql

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// use is what a grant allows.
type use byte

const (
	useStatement use = iota + 1 // run sql, as often as it is asked
	useOnce                     // run sql once, on the server that granted it
	useDone                     // sql ran already and returned no rows
	useCommand                  // answer a metadata command
	useHandle                   // prepare sql again, for a prepared handle
)

// grant is the content of a ticket or a prepared handle: all that a replica needs to do the work.
type grant struct {
	id       randomID
	use      use
	expires  time.Time
	who      fingerprint
	instance randomID // the server that granted it
	session  randomID // the session that asked for it
	settings map[string]string
	sql      string
	command  []byte // a marshalled Any, for useCommand
	bound    bool   // params is what the client bound, as an IPC stream
	params   []byte
	schema   schemaHash
}

// fingerprint says whether two identities are the same without containing one.
type fingerprint [16]byte

func fingerprintOf(id engine.Identity) fingerprint {
	w := &writer{}
	w.string(id.Role)
	w.strings(id.Claims)
	sum := sha256.Sum256(w.buf)
	return fingerprint(sum[:16])
}

// schemaHash says whether a result still has the schema that was announced.
type schemaHash [16]byte

func hashSchema(s *arrow.Schema) schemaHash { return hashSerialized(serialize(s)) }

func hashSerialized(schema []byte) schemaHash {
	sum := sha256.Sum256(schema)
	return schemaHash(sum[:16])
}

const (
	grantInline = 0
	grantStored = 1
	// maxInline keeps a sealed ticket below 10 KB: C++ and Python clients see a reset stream instead of the
	// message when a refusal answers a larger request header or ticket.
	maxInline = 8 << 10
)

// seal gives the grant as bytes for a client. What is too long stays here and the client gets a reference.
func (s *Server) seal(purpose byte, g *grant) ([]byte, error) {
	w := &writer{buf: []byte{grantInline}}
	g.encode(w)
	if len(w.buf) <= maxInline {
		return s.sealer.seal(purpose, w.buf), nil
	}
	id := newID()
	if !s.blobs.put(id, w.buf, len(w.buf), true) {
		return nil, sqlerr.New(sqlerr.ConfigurationLimit, "the statement and its parameters have %d bytes, the server keeps at most %d",
			len(w.buf), s.cfg.StoreBytes).WithHint("send large values in smaller batches")
	}
	ref := &writer{buf: []byte{grantStored}}
	ref.bytes(s.instance[:])
	ref.bytes(id[:])
	return s.sealer.seal(purpose, ref.buf), nil
}

// open is the reverse of seal, checked against the caller and the clock.
func (s *Server) open(purpose byte, what string, sealed []byte, caller engine.Identity) (*grant, error) {
	content, err := s.sealer.open(purpose, sealed)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidStatementName, "the %s is not valid: %w", what, err)
	}
	if content[0] == grantStored {
		if content, err = s.fromStore(what, content[1:]); err != nil {
			return nil, err
		}
	}
	g := &grant{}
	if err := g.decode(content[1:]); err != nil {
		return nil, sqlerr.New(sqlerr.InvalidStatementName, "the %s is not valid: %w", what, err)
	}
	if g.who != fingerprintOf(caller) {
		return nil, sqlerr.New(sqlerr.InsufficientPrivilege, "the %s belongs to another user", what)
	}
	if time.Now().After(g.expires) {
		return nil, sqlerr.New(sqlerr.InvalidStatementName, "the %s expired at %s", what, g.expires.UTC().Format(time.RFC3339)).
			WithHint("run the statement again")
	}
	return g, nil
}

func (s *Server) fromStore(what string, ref []byte) ([]byte, error) {
	r := &reader{buf: ref}
	instance, id := r.id(), r.id()
	if r.failed {
		return nil, sqlerr.New(sqlerr.InvalidStatementName, "the %s is not valid: %w", what, errNotSealed)
	}
	if instance != s.instance {
		return nil, sqlerr.New(sqlerr.InvalidStatementName, "the %s is too long to travel, and only the server that gave it can open it", what)
	}
	content, ok := s.blobs.get(id)
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidStatementName, "the %s has expired", what).WithHint("run the statement again")
	}
	return content, nil
}

func (g *grant) encode(w *writer) {
	w.bytes(g.id[:])
	w.uint(uint64(g.use))
	w.uint(uint64(g.expires.UnixMilli()))
	w.bytes(g.who[:])
	w.bytes(g.instance[:])
	w.bytes(g.session[:])
	w.strings(g.settings)
	w.string(g.sql)
	w.bytes(g.command)
	w.bool(g.bound)
	w.bytes(g.params)
	w.bytes(g.schema[:])
}

var errMalformed = errors.New("its content is malformed")

func (g *grant) decode(content []byte) error {
	r := &reader{buf: content}
	g.id = r.id()
	g.use = use(r.uint())
	g.expires = time.UnixMilli(int64(r.uint()))
	g.who = fingerprint(r.id())
	g.instance = r.id()
	g.session = r.id()
	g.settings = r.strings()
	g.sql = r.string()
	g.command = r.bytes()
	g.bound = r.bool()
	g.params = r.bytes()
	g.schema = schemaHash(r.id())
	if r.failed || len(r.buf) != 0 {
		return errMalformed
	}
	return nil
}

// writer and reader are the sealed contents' encoding: uvarint lengths before bytes.
type writer struct{ buf []byte }

func (w *writer) uint(v uint64)   { w.buf = binary.AppendUvarint(w.buf, v) }
func (w *writer) bytes(b []byte)  { w.uint(uint64(len(b))); w.buf = append(w.buf, b...) }
func (w *writer) string(s string) { w.uint(uint64(len(s))); w.buf = append(w.buf, s...) }

func (w *writer) bool(b bool) {
	if b {
		w.uint(1)
	} else {
		w.uint(0)
	}
}

func (w *writer) strings(m map[string]string) {
	w.uint(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.string(k)
		w.string(m[k])
	}
}

type reader struct {
	buf    []byte
	failed bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		r.failed, r.buf = true, nil
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.buf)) {
		r.failed, r.buf = true, nil
		return nil
	}
	b := r.buf[:n:n]
	r.buf = r.buf[n:]
	return b
}

func (r *reader) string() string { return string(r.bytes()) }
func (r *reader) bool() bool     { return r.uint() == 1 }

func (r *reader) id() (id randomID) {
	b := r.bytes()
	if len(b) != len(id) {
		r.failed = true
		return id
	}
	return randomID(b)
}

func (r *reader) strings() map[string]string {
	n := r.uint()
	if n == 0 {
		return nil
	}
	m := map[string]string{}
	for ; n > 0 && !r.failed; n-- {
		k := r.string()
		m[k] = r.string()
	}
	return m
}
