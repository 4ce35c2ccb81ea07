package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/sources"
)

// sourceFlags say which sources there are and what statements start from; serve, query, check and import share them.
type sourceFlags struct {
	Config                 string        `short:"c" placeholder:"FILE" help:"Configuration file (YAML)."`
	Source                 []string      `placeholder:"NAME=URL" sep:"none" help:"A source: crm=postgres://…, pay=mongodb://…, lake=parquet:///folder. Repeatable; also SKEIN_SOURCE_CRM=URL. $${VAR} and ?password_file=PATH keep secrets out of it."`
	Catalog                []string      `placeholder:"FILE" help:"A file of SQL that declares servers, schemas and views. Repeatable."`
	SearchPath             string        `placeholder:"LIST" help:"Where unqualified names are looked up: pg.public,lake.main."`
	Set                    []string      `placeholder:"NAME=VALUE" sep:"none" help:"Default of a session's setting. Repeatable."`
	Workers                int           `help:"Partitions of one statement (default: the number of processors)."`
	Memory                 string        `placeholder:"SIZE" help:"Memory of all statements' joins, groups and sorts together, such as 2GB (default: half of the machine's)."`
	StatementMemory        string        `placeholder:"SIZE" help:"Memory of one statement's joins, groups and sorts (default: no limit of its own)."`
	ConnectTimeout         time.Duration `help:"How long connecting to a source may take (default: each kind's own)."`
	RemoteStatementTimeout time.Duration `help:"How long a source may work on one request (default: each kind's own)."`
	RemoteLockTimeout      time.Duration `help:"How long a request may wait for a lock at its source (default: each kind's own)."`
	RemoteIdleTimeout      time.Duration `help:"How long a transaction may idle at its source (default: each kind's own)."`
	LogLevel               string        `enum:",debug,info,warn,error" default:"" help:"debug, info, warn or error."`
	LogFormat              string        `enum:",text,json" default:"" help:"text or json."`
}

// options turns flags, environment and file into what a DB opens with. Flags win over the environment, and that over the
// file.
func (f *sourceFlags) options(file *fileConfig, log *slog.Logger) ([]skein.Option, error) {
	flags, err := pairs("source", f.Source)
	if err != nil {
		return nil, err
	}
	opts := []skein.Option{skein.Logger(log), skein.Workers(or(f.Workers, file.Limits.Workers))}
	declared := map[string]bool{}
	for _, from := range []struct {
		origin string
		urls   map[string]string
	}{{"--source", flags}, {"the environment", sourceEnv(os.Environ())}, {file.path, file.Sources}} {
		for _, name := range slices.Sorted(maps.Keys(from.urls)) {
			if !declared[name] {
				opts = append(opts, skein.SourceAt(name, from.urls[name], from.origin))
			}
			declared[name] = true
		}
	}
	for _, path := range append(slices.Clone(file.Catalog), f.Catalog...) {
		opts = append(opts, skein.CatalogFile(path))
	}
	set, err := pairs("set", f.Set)
	if err != nil {
		return nil, err
	}
	path := func(p string) map[string]string {
		if p == "" {
			return nil
		}
		return map[string]string{engine.SettingSearchPath: p}
	}
	for _, m := range []map[string]string{path(file.SearchPath), file.Settings, path(f.SearchPath), set} {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			opts = append(opts, skein.Setting(name, m[name]))
		}
	}
	memory, err := memoryLimit(or(f.Memory, file.Limits.Memory))
	if err != nil {
		return nil, err
	}
	l := file.Limits
	stmtMemory, err := optionalBytes("statement memory", or(f.StatementMemory, l.StatementMemory))
	if err != nil {
		return nil, err
	}
	return append(opts, skein.Memory(memory), skein.StatementMemory(stmtMemory), skein.SourceLimits(sources.Limits{
		Statement: or(f.RemoteStatementTimeout, l.RemoteStatement), Lock: or(f.RemoteLockTimeout, l.RemoteLock),
		Idle: or(f.RemoteIdleTimeout, l.RemoteIdle), Connect: or(f.ConnectTimeout, l.ConnectTimeout),
	})), nil
}

// memoryLimit reads --memory; without it half of the machine's memory, or of the container's, is for operators.
func memoryLimit(s string) (int64, error) {
	if s == "" {
		return machineMemory() / 2, nil
	}
	n, err := engine.ParseBytes(s)
	if err != nil {
		return 0, fmt.Errorf("memory %q: %w", s, err)
	}
	return n, nil
}

// open opens what flags, environment and file say, for the commands that need no server.
func (f *sourceFlags) open(ctx context.Context, level slog.Level) (*skein.DB, error) {
	file, err := readConfig(f.Config)
	if err != nil {
		return nil, err
	}
	log, err := f.logger(file, level)
	if err != nil {
		return nil, err
	}
	opts, err := f.options(file, log)
	if err != nil {
		return nil, err
	}
	return skein.Open(ctx, opts...)
}

// logger writes to stderr; the level is warn for commands, info for serve.
func (f *sourceFlags) logger(file *fileConfig, level slog.Level) (*slog.Logger, error) {
	if name := or(f.LogLevel, file.Log.Level); name != "" {
		if err := level.UnmarshalText([]byte(strings.ToUpper(name))); err != nil {
			return nil, fmt.Errorf("log level %q: it is debug, info, warn or error", name)
		}
	}
	opts := &slog.HandlerOptions{Level: level}
	if or(f.LogFormat, file.Log.Format) == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts)), nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts)), nil
}
