package mongo

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime/debug"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// cursor pulls a find command's batches as they came off the wire, one ahead of who decodes them.
type cursor struct {
	snapshot   *Snapshot
	database   string
	collection string
	id         int64
	// ctx ends with the statement but has no deadline.
	ctx     context.Context
	cancel  context.CancelFunc
	pending chan fetched // of the request under way; nil when there is none
	size    int32        // documents to ask for next
	// pinned reads through the driver's cursor, which stays with one server, where a command of its own could go to
	// another.
	pinned *mongo.Cursor
}

// fetched is one answer: documents as the elements of a BSON array, and the cursor's id, 0 at the end.
type fetched struct {
	docs []byte
	id   int64
	err  error
}

// firstDocuments is how many documents the first request asks for; what follows goes by their size.
const firstDocuments = 1000

// openCursor sends the command; next waits for its answer.
func openCursor(ctx context.Context, s *Snapshot, database, collection string, cmd bson.D) *cursor {
	c := &cursor{snapshot: s, database: database, collection: collection, size: firstDocuments}
	c.ctx, c.cancel = undated(ctx)
	cmd = append(cmd[:len(cmd):len(cmd)], bson.E{Key: "batchSize", Value: c.size})
	statement := s.source.settings.statement
	if s.need.Limits.Statement > 0 {
		statement = s.need.Limits.Statement
	}
	if statement > 0 {
		cmd = append(cmd, bson.E{Key: "maxTimeMS", Value: statement.Milliseconds()})
	}
	if s.id.Query != "" {
		cmd = append(cmd, bson.E{Key: "comment", Value: "skein " + s.id.Query})
	}
	c.send(func() fetched { return c.find(cmd) })
	return c
}

// send starts a request; next or close joins it.
func (c *cursor) send(request func() fetched) {
	answer := make(chan fetched, 1)
	c.pending = answer
	go func() { answer <- recovered(request) }()
}

// recovered makes a panic an error of the statement.
func recovered(request func() fetched) (f fetched) {
	defer func() {
		if p := recover(); p != nil {
			f = fetched{err: &sqlerr.Error{
				Code: sqlerr.InternalError, Message: "reading a batch panicked", Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack()),
			}}
		}
	}()
	return request()
}

// find runs the first request. When the statement ends it may answer for a moment yet: nobody can kill a cursor whose id
// never came.
func (c *cursor) find(cmd bson.D) fetched {
	ctx, cancel := lingering(c.ctx)
	defer cancel()
	if !c.snapshot.several() {
		return readBatch(c.snapshot.run(ctx, c.database, cmd))
	}
	var err error
	if c.pinned, err = c.snapshot.cursor(ctx, c.database, cmd); err != nil {
		return fetched{err: err}
	}
	return c.collect()
}

// more runs the requests after the first.
func (c *cursor) more() fetched {
	if c.pinned != nil {
		c.pinned.SetBatchSize(c.size)
		return c.collect()
	}
	return readBatch(c.snapshot.run(c.ctx, c.database, bson.D{
		{Key: "getMore", Value: c.id}, {Key: "collection", Value: c.collection}, {Key: "batchSize", Value: c.size},
	}))
}

// collect takes one batch out of the driver's cursor.
func (c *cursor) collect() fetched {
	var f fetched
	for c.pinned.Next(c.ctx) {
		f.docs = append(append(f.docs, bsonDocument, 0), c.pinned.Current...)
		if c.pinned.RemainingBatchLength() == 0 {
			break
		}
	}
	f.err, f.id = c.pinned.Err(), c.pinned.ID()
	return f
}

func readBatch(raw bson.Raw, err error) fetched {
	if err != nil {
		return fetched{err: err}
	}
	body, isDocument := raw.Lookup("cursor").DocumentOK()
	id, isInt := body.Lookup("id").AsInt64OK()
	list := body.Lookup("firstBatch")
	if list.Type == 0 {
		list = body.Lookup("nextBatch")
	}
	if !isDocument || !isInt || list.Type != bson.TypeArray || len(list.Value) < 5 {
		return fetched{err: errCorrupt()}
	}
	return fetched{docs: list.Value[4 : len(list.Value)-1], id: id}
}

// next gives the next batch's documents, a BSON array's elements, and asks for the batch after it; ok is false at the
// end. ctx bounds the wait only: the request goes on.
func (c *cursor) next(ctx context.Context) (docs []byte, ok bool, err error) {
	if c.pending == nil {
		return nil, false, nil
	}
	var f fetched
	select {
	case f = <-c.pending:
		c.pending = nil
	case <-ctx.Done():
		return nil, false, canceled(ctx)
	}
	if f.err != nil {
		return nil, false, c.snapshot.source.settings.translate(c.ctx, "reading "+c.database+"."+c.collection, f.err)
	}
	if c.id = f.id; f.id != 0 {
		c.resize(f.docs)
		c.send(c.more)
	}
	return f.docs, true, nil
}

// resize asks for about as many documents as make the wanted bytes, going by the size of the first of the last ones.
func (c *cursor) resize(docs []byte) {
	n, sum := 0, 0
	for sum < len(docs) && n < 100 {
		_, rest, err := nextDocument(docs[sum:])
		if err != nil {
			return
		}
		n, sum = n+1, len(docs)-len(rest)
	}
	if n > 0 {
		c.size = int32(max(1, min(c.snapshot.source.settings.batchBytes*n/sum, 1<<20)))
	}
}

// nextDocument takes the first element off an array's elements.
func nextDocument(b []byte) (doc, rest []byte, err error) {
	if b[0] != bsonDocument {
		return nil, nil, errCorrupt()
	}
	k := 1
	for k < len(b) && b[k] != 0 {
		k++
	}
	if k+5 > len(b) {
		return nil, nil, errCorrupt()
	}
	n := int(int32(binary.LittleEndian.Uint32(b[k+1:])))
	if n < 5 || k+1+n > len(b) {
		return nil, nil, errCorrupt()
	}
	return b[k+1 : k+1+n : k+1+n], b[k+1+n:], nil
}

// close ends the read. A request under way is cut off when the statement ended, else it is waited for, because cutting
// it off would end the transaction that other lanes read in. Then the cursor is killed: outside the session when a
// request of that may still run.
func (c *cursor) close() {
	if c.pending != nil {
		f := <-c.pending
		c.pending = nil
		if f.err == nil {
			c.id = f.id
		}
	}
	cut := c.ctx.Err() != nil
	c.cancel()
	if c.id == 0 {
		return
	}
	ctx, cancel := brief(context.Background())
	defer cancel()
	kill := bson.D{{Key: "killCursors", Value: c.collection}, {Key: "cursors", Value: bson.A{c.id}}}
	var err error
	if c.pinned != nil {
		if err = c.pinned.Close(ctx); err == nil {
			c.id = 0
			return
		}
		cut = true // its server's pool was cleared: whichever server answers is asked
	}
	if cut {
		_, err = c.snapshot.client.command(ctx, c.snapshot.source.settings, c.database, kill)
	} else {
		_, err = c.snapshot.run(ctx, c.database, kill)
	}
	if err != nil {
		c.snapshot.source.log.Debug("killing a cursor", "source", c.snapshot.source.settings.server, "error", err)
	}
	c.id = 0
}
