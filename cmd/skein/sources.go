package main

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/sources"
)

// sourceFlags say which sources there are and what statements start from; serve, query, check and import share them.
type sourceFlags struct {
	Config     string   `short:"c" placeholder:"FILE" help:"Configuration file (YAML)."`
	Source     []string `placeholder:"NAME=URL" sep:"none" env:"SKEIN_SOURCE" help:"A source: crm=postgres://…, pay=mongodb://…, lake=parquet:///folder. Repeatable; also SKEIN_SOURCE_NAME."`
	Catalog    []string `placeholder:"FILE" help:"A file of SQL that declares servers, schemas and views. Repeatable."`
	SearchPath string   `placeholder:"LIST" help:"Where unqualified names are looked up: pg.public,lake.main."`
	Set        []string `placeholder:"NAME=VALUE" sep:"none" help:"Default of a session's setting. Repeatable."`
	Workers    int      `help:"Partitions of one statement (default: the number of processors)."`
	Memory     string   `placeholder:"SIZE" help:"Memory of all statements' joins, groups and sorts together, such as 2GB (default: half of the machine's)."`
	LogLevel   string   `enum:",debug,info,warn,error" default:"" help:"debug, info, warn or error."`
	LogFormat  string   `enum:",text,json" default:"" help:"text or json."`
}

// options turns flags, environment and file into what a DB opens with. What is given later wins: file, environment,
// flags.
func (f *sourceFlags) options(file *fileConfig, log *slog.Logger) ([]skein.Option, error) {
	flags, err := pairs("source", f.Source)
	if err != nil {
		return nil, err
	}
	urls := maps.Clone(file.Sources)
	if urls == nil {
		urls = map[string]string{}
	}
	maps.Copy(urls, sourceEnv(os.Environ()))
	maps.Copy(urls, flags)
	opts := []skein.Option{skein.Logger(log), skein.Workers(or(f.Workers, file.Limits.Workers))}
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		opts = append(opts, skein.Source(name, urls[name]))
	}
	for _, path := range append(slices.Clone(file.Catalog), f.Catalog...) {
		opts = append(opts, skein.CatalogFile(path))
	}
	set, err := pairs("set", f.Set)
	if err != nil {
		return nil, err
	}
	if path := or(f.SearchPath, file.SearchPath); path != "" {
		opts = append(opts, skein.Setting(engine.SettingSearchPath, path))
	}
	for _, m := range []map[string]string{file.Settings, set} {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			opts = append(opts, skein.Setting(name, m[name]))
		}
	}
	memory, err := memoryLimit(or(f.Memory, file.Limits.Memory))
	if err != nil {
		return nil, err
	}
	l := file.Limits
	return append(opts, skein.Memory(memory), skein.SourceLimits(sources.Limits{
		Statement: l.SourceStatement, Lock: l.SourceLock, Idle: l.SourceIdle, Connect: l.ConnectTimeout,
	})), nil
}

// memoryLimit reads --memory; without it half of the machine's memory, or of the container's, is for operators.
func memoryLimit(s string) (int64, error) {
	if s == "" {
		return machineMemory() / 2, nil
	}
	n, err := engine.ParseBytes(s)
	if err != nil {
		return 0, fmt.Errorf("--memory %s: %w", s, err)
	}
	return n, nil
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
