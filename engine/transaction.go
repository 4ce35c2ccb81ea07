package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
)

const readCommitted = "read committed"

// transaction is the state of a session's transaction block. Every statement reads its own snapshots, as under READ
// COMMITTED, and nothing is ever written; so what a block does is what clients can see of it: now() stands still, an error
// aborts it, ROLLBACK takes back its SETs, and its end those of SET LOCAL. Safe for concurrent use.
type transaction struct {
	mu      sync.Mutex
	open    bool
	aborted bool
	started time.Time
	points  []savepoint // the first is where the block began
}

type savepoint struct {
	name string
	to   savedSettings
}

func (t *transaction) isOpen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open
}

// now is the transaction's time: that of the block, or of the statement that runs without one.
func (t *transaction) now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open {
		return t.started
	}
	return time.Now()
}

// failed notes that a statement of the block has failed, and gives its error back.
func (t *transaction) failed(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.aborted = t.open
	return err
}

// admit refuses everything but its end in a block that a statement has aborted.
func (t *transaction) admit(stmt *parse.Statement) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.aborted || stmt.Command() == parse.Empty {
		return nil
	}
	switch stmt.Root.GetTransactionStmt().GetKind() {
	case parse.TransStmtCommit, parse.TransStmtRollback, parse.TransStmtRollbackTo:
		return nil
	}
	return sqlerr.New(sqlerr.FailedTransaction, "current transaction is aborted, commands ignored until end of transaction block").
		WithHint("ROLLBACK ends the block")
}

// transactionCommand is BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their like.
type transactionCommand struct{}

func (transactionCommand) run(_ context.Context, st *Statement, _ []any) (*Result, error) {
	n := st.stmt.Root.GetTransactionStmt()
	t, set := &st.session.transaction, st.session.settings
	switch n.GetKind() {
	case parse.TransStmtBegin, parse.TransStmtStart:
		return noRows(), t.begin(set, modes(st.stmt.Options(n.GetOptions())))
	case parse.TransStmtCommit:
		t.end(set, true, n.GetChain())
		return noRows(), nil
	case parse.TransStmtRollback:
		t.end(set, false, n.GetChain())
		return noRows(), nil
	case parse.TransStmtSavepoint, parse.TransStmtRelease, parse.TransStmtRollbackTo:
		return noRows(), t.savepoint(set, n.GetKind(), st.stmt.Tag(), n.GetSavepointName())
	}
	return nil, sqlerr.Unsupported(st.stmt.Tag())
}

// begin opens a block; in an open one it changes nothing, where PostgreSQL warns.
func (t *transaction) begin(set *settings, modes []string) error {
	if err := checkModes(modes); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.open {
		t.start(set)
	}
	return nil
}

// start begins a block; the lock is held.
func (t *transaction) start(set *settings) {
	t.open, t.aborted, t.started = true, false, time.Now()
	t.points = []savepoint{{to: set.save()}}
}

// end closes the block; without one it changes nothing, where PostgreSQL warns. An aborted block is rolled back.
func (t *transaction) end(set *settings, commit, chain bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.open {
		return
	}
	if commit && !t.aborted {
		set.dropLocal()
	} else {
		set.restore(t.points[0].to)
	}
	t.open, t.aborted, t.points = false, false, nil
	if chain {
		t.start(set)
	}
}

func (t *transaction) savepoint(set *settings, kind parse.TransactionStmtKind, tag, name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.open {
		if kind == parse.TransStmtRollbackTo {
			tag = "ROLLBACK TO SAVEPOINT"
		}
		return sqlerr.New(sqlerr.NoActiveTransaction, "%s can only be used in transaction blocks", tag)
	}
	if kind == parse.TransStmtSavepoint {
		t.points = append(t.points, savepoint{name, set.save()})
		return nil
	}
	at := len(t.points) - 1
	for at > 0 && t.points[at].name != name {
		at--
	}
	if at == 0 {
		t.aborted = true
		return sqlerr.New(sqlerr.InvalidSavepoint, "savepoint %q does not exist", name)
	}
	if kind == parse.TransStmtRelease {
		t.points = slices.Delete(t.points, at, len(t.points))
		return nil
	}
	set.restore(t.points[at].to)
	t.points, t.aborted = t.points[:at+1], false
	return nil
}

// modes writes a BEGIN's options as SET TRANSACTION's are: "transaction_isolation=serializable".
func modes(options []parse.Option) []string {
	out := make([]string, len(options))
	for i, o := range options {
		out[i] = o.Name + "=" + o.Value
	}
	return out
}

// checkModes refuses transactions that cannot be had.
func checkModes(modes []string) error {
	for _, m := range modes {
		name, value, _ := strings.Cut(m, "=")
		switch name {
		case "transaction_isolation":
			if _, err := checkIsolation(value); err != nil {
				return sqlerr.Unsupported("isolation level "+strings.ToUpper(value)).WithHint("%s", err)
			}
		case "transaction_read_only":
			if value != "1" && value != "true" {
				return sqlerr.New(sqlerr.FeatureNotSupported, "cannot set transaction read-write mode").WithHint("the engine only reads: write at the source itself")
			}
		}
	}
	return nil
}

// checkIsolation takes the levels under which each statement may see its own snapshot.
func checkIsolation(value string) (string, error) {
	switch v := strings.ToLower(strings.TrimSpace(value)); v {
	case readCommitted, "read uncommitted":
		return readCommitted, nil
	}
	return "", fmt.Errorf("each statement sees its own snapshot of every source, which is READ COMMITTED; one statement that reads everything sees one snapshot of each")
}
