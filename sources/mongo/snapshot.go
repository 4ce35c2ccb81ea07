package mongo

import (
	"bytes"
	"context"
	"io"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// view is how a statement's reads see one state of the data.
type view uint8

const (
	viewTransaction view = iota // all reads in one transaction, one after the other
	viewHistory                 // each read at the cluster time of the first (MongoDB 5.0)
	viewNone                    // a standalone server has no history
)

// Snapshot is a statement's view of the deployment.
type Snapshot struct {
	source *Source
	client *deployment
	need   sources.Need
	id     sources.Identity
	view   view

	// turn has one token: commands of a session follow one another, and the first read of a history fixes its time.
	turn    chan struct{}
	session *mongo.Session
	read    bool           // something was read in the transaction
	at      bson.Timestamp // of viewHistory, once known

	mu   sync.Mutex
	done bool
}

var _ sources.Snapshot = (*Snapshot)(nil)

// Begin connects where there is no connection yet, verifies the collections, and opens the transaction.
func (s *Source) Begin(ctx context.Context, id sources.Identity, need sources.Need) (sources.Snapshot, error) {
	d, err := s.deployment(id)
	if err != nil {
		return nil, err
	}
	h, err := d.describe(ctx, s.settings)
	if err != nil {
		return nil, err
	}
	if err := s.verify(ctx, d, need.Tables); err != nil {
		return nil, err
	}
	snap := &Snapshot{source: s, client: d, need: need, id: id, view: s.view(h), turn: make(chan struct{}, 1)}
	snap.turn <- struct{}{}
	if snap.view == viewTransaction {
		if snap.session, err = d.client.StartSession(); err == nil {
			err = snap.startTransaction()
		}
		if err != nil {
			return nil, s.settings.translate(ctx, "opening a transaction", err)
		}
	}
	return snap, nil
}

// startTransaction does no I/O: the first read opens the transaction at the server.
func (s *Snapshot) startTransaction() error {
	return s.session.StartTransaction(
		options.Transaction().SetReadConcern(readconcern.Snapshot()).SetReadPreference(s.source.settings.pref))
}

// historyWire is the wire version of MongoDB 5.0, the first to read snapshots outside transactions.
const historyWire = 13

func (s *Source) view(h hello) view {
	switch mode := s.settings.snapshot; {
	case mode == "none" || !h.transactions:
		return viewNone
	case mode == "session", mode == "auto" && s.settings.prefName != "primary":
		if h.wire < historyWire {
			return viewNone
		}
		return viewHistory
	}
	return viewTransaction
}

// verify compares the collections with what they were when they were discovered: one request for each database.
func (s *Source) verify(ctx context.Context, d *deployment, refs []plan.TableRef) error {
	names := map[string][]string{}
	for _, r := range refs {
		names[r.Schema()] = append(names[r.Schema()], r.Name())
	}
	now := map[string]collection{}
	for db, list := range names {
		found, err := s.collections(ctx, d, db, list...)
		if err != nil {
			return err
		}
		for _, c := range found {
			now[db+"\x00"+c.name] = c
		}
	}
	for _, r := range refs {
		t, ok := r.(*sources.Table)
		if !ok {
			continue
		}
		c, found := now[r.Schema()+"\x00"+r.Name()]
		if !found {
			return &sources.Stale{Tables: []plan.TableRef{r}, Reason: "the collection is not there any more"}
		}
		if was, ok := t.Detail.(*detail); ok && !bytes.Equal(was.identity, c.identity) {
			return &sources.Stale{Tables: []plan.TableRef{r}, Reason: "the collection was made anew, or its validator or view changed"}
		}
	}
	return nil
}

// run sends one command inside the snapshot. A find is sent again when its connection broke and nothing was read.
func (s *Snapshot) run(ctx context.Context, database string, cmd bson.D) (bson.Raw, error) {
	find := cmd[0].Key == "find"
	if s.view == viewNone || s.view == viewHistory && !find {
		if find {
			return again(ctx, func() (bson.Raw, error) { return s.send(ctx, database, cmd) })
		}
		return s.send(ctx, database, cmd)
	}
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.view == viewTransaction {
		defer func() { s.turn <- struct{}{} }()
		return s.runInTransaction(mongo.NewSessionContext(ctx, s.session), database, cmd)
	}
	return s.runAt(ctx, database, cmd)
}

func (s *Snapshot) send(ctx context.Context, database string, cmd bson.D) (bson.Raw, error) {
	return s.client.client.Database(database).RunCommand(ctx, cmd, runOptions(s.source.settings)).Raw()
}

// runInTransaction begins the transaction anew when the connection of its first command broke. It holds the turn.
func (s *Snapshot) runInTransaction(ctx context.Context, database string, cmd bson.D) (bson.Raw, error) {
	raw, err := s.send(ctx, database, cmd)
	if err == nil || s.read || !broken(ctx, err) {
		s.read = s.read || err == nil
		return raw, err
	}
	abort, cancel := brief(ctx)
	_ = s.session.AbortTransaction(abort) // the server may not know of it
	cancel()
	if again := s.startTransaction(); again != nil {
		return nil, err
	}
	raw, err = s.send(ctx, database, cmd)
	s.read = err == nil
	return raw, err
}

// runAt runs a find at the snapshot's time; the first one learns it from the server. It holds the turn when called.
func (s *Snapshot) runAt(ctx context.Context, database string, cmd bson.D) (bson.Raw, error) {
	concern := bson.D{{Key: "level", Value: "snapshot"}}
	first := s.at == (bson.Timestamp{})
	if !first {
		concern = append(concern, bson.E{Key: "atClusterTime", Value: s.at})
		s.turn <- struct{}{}
	}
	cmd = append(cmd[:len(cmd):len(cmd)], bson.E{Key: "readConcern", Value: concern})
	raw, err := again(ctx, func() (bson.Raw, error) { return s.send(ctx, database, cmd) })
	if first {
		if err == nil {
			t, i, _ := raw.Lookup("cursor", "atClusterTime").TimestampOK()
			s.at = bson.Timestamp{T: t, I: i}
		}
		s.turn <- struct{}{}
	}
	return raw, err
}

// several says whether reads may go to one of several servers, so that a cursor must be kept with its own.
func (s *Snapshot) several() bool { return s.source.settings.prefName != "primary" }

// cursor opens a driver's cursor for a find command, at the snapshot's time where there is one.
func (s *Snapshot) cursor(ctx context.Context, database string, cmd bson.D) (*mongo.Cursor, error) {
	if s.view == viewHistory {
		if err := s.fixTime(ctx, database, cmd); err != nil {
			return nil, err
		}
		concern := bson.D{{Key: "level", Value: "snapshot"}, {Key: "atClusterTime", Value: s.at}}
		cmd = append(cmd[:len(cmd):len(cmd)], bson.E{Key: "readConcern", Value: concern})
	}
	return again(ctx, func() (*mongo.Cursor, error) {
		return s.client.client.Database(database).RunCommandCursor(ctx, cmd, runOptions(s.source.settings))
	})
}

// fixTime reads one document to learn the snapshot's time, unless it is known.
func (s *Snapshot) fixTime(ctx context.Context, database string, cmd bson.D) error {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.at != (bson.Timestamp{}) {
		s.turn <- struct{}{}
		return nil
	}
	_, err := s.runAt(ctx, database, bson.D{cmd[0], {Key: "limit", Value: 1}, {Key: "singleBatch", Value: true}})
	return err
}

// Lane gives a reader of its own; lanes of a transaction share its session and take turns.
func (s *Snapshot) Lane(_ context.Context, extra bool) (sources.Lane, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return nil, sqlerr.New(sqlerr.InternalError, "the snapshot is closed").From(s.source.settings.server)
	}
	if extra && (s.need.Lease == nil || !s.need.Lease.Extra(s.source.settings.server)) {
		return nil, nil
	}
	return &Lane{snapshot: s, extra: extra}, nil
}

// Close ends the transaction, and with it what cursors are left. Idempotent.
func (s *Snapshot) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return nil
	}
	s.done = true
	if s.session == nil {
		return nil
	}
	ctx, cancel := brief(context.Background())
	defer cancel()
	<-s.turn
	err := s.session.AbortTransaction(ctx) // nothing was written: aborting is the cheaper end
	s.session.EndSession(ctx)
	if err != nil {
		s.source.log.Debug("ending a transaction", "source", s.source.settings.server, "query", s.id.Query, "error", err)
	}
	return nil
}

// Lane reads within a snapshot, one reader at a time.
type Lane struct {
	snapshot *Snapshot
	extra    bool
	closed   bool
}

var _ sources.Lane = (*Lane)(nil)

// whole is the one split of a scan.
type whole struct{}

func (whole) String() string { return "all documents" }

type onceQueue struct{ once sync.Once }

func (q *onceQueue) Next(context.Context) (sources.Split, error) {
	var s sources.Split
	q.once.Do(func() { s = whole{} })
	if s == nil {
		return nil, io.EOF
	}
	return s, nil
}

// Splits is one split: see [Scan.Splittable].
func (l *Lane) Splits(context.Context, plan.RemoteScan, *sources.Env) (sources.SplitQueue, error) {
	return &onceQueue{}, nil
}

// Open starts the read: the first documents are on their way when it returns.
func (l *Lane) Open(ctx context.Context, s plan.RemoteScan, _ sources.Split, env *sources.Env) (batch.Reader, error) {
	scan := s.(*Scan)
	more, none := scan.dynamic(ctx, env)
	if none {
		return newReader(ctx, l.snapshot, scan, nil, env), nil
	}
	cmd, err := scan.command(values{params: params(env)}, more...)
	if err != nil {
		return nil, err
	}
	return newReader(ctx, l.snapshot, scan, cmd, env), nil
}

func params(env *sources.Env) []any {
	if env == nil || env.Env == nil {
		return nil
	}
	return env.Params
}

// Wanted says whether an extra lane should be given back.
func (l *Lane) Wanted() bool {
	lease := l.snapshot.need.Lease
	return l.extra && lease != nil && lease.Wanted(l.snapshot.source.settings.server)
}

// Close gives the lane's token back. Idempotent.
func (l *Lane) Close() error {
	if !l.closed && l.snapshot.need.Lease != nil {
		l.snapshot.need.Lease.Release(l.snapshot.source.settings.server)
	}
	l.closed = true
	return nil
}
