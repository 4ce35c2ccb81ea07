package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/skeinsql/skein/engine"
)

// fileConfig is skein.yaml. Every key is also a flag of serve, which wins over the file, as the environment does.
type fileConfig struct {
	Listen      string            `yaml:"listen"`
	AdminListen string            `yaml:"admin_listen"`
	Catalog     []string          `yaml:"catalog"` // files of SQL; relative paths start from the file's folder
	Sources     map[string]string `yaml:"sources"` // name: URL
	SearchPath  string            `yaml:"search_path"`
	Settings    map[string]string `yaml:"settings"`
	Auth        struct {
		TokenFile string `yaml:"token_file"`
		NoAuth    bool   `yaml:"no_auth"`
	} `yaml:"auth"`
	TLS struct {
		Cert       string `yaml:"cert"`
		Key        string `yaml:"key"`
		SelfSigned bool   `yaml:"self_signed"`
	} `yaml:"tls"`
	Insecure   bool     `yaml:"insecure"`
	TicketKeys []string `yaml:"ticket_keys"` // files of at least 32 bytes, the first seals
	Limits     struct {
		Memory          string        `yaml:"memory"`
		StatementMemory string        `yaml:"statement_memory"`
		Workers         int           `yaml:"workers"`
		Sessions        int           `yaml:"sessions"`
		SessionIdle     time.Duration `yaml:"session_idle"`
		StallTimeout    time.Duration `yaml:"stall_timeout"`
		DrainTimeout    time.Duration `yaml:"drain_timeout"`
		ConnectTimeout  time.Duration `yaml:"connect_timeout"`
		SourceStatement time.Duration `yaml:"source_statement_timeout"`
		SourceLock      time.Duration `yaml:"source_lock_timeout"`
		SourceIdle      time.Duration `yaml:"source_idle_timeout"`
	} `yaml:"limits"`
	Log struct {
		Level      string `yaml:"level"`
		Format     string `yaml:"format"`
		Statements bool   `yaml:"statements"`
	} `yaml:"log"`
}

// readConfig reads a configuration file strictly: a key that is not known is an error that names its line.
func readConfig(path string) (*fileConfig, error) {
	c := &fileConfig{}
	if path == "" {
		return c, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the configuration %s: %w", path, err)
	}
	dir := filepath.Dir(path)
	for i, f := range c.Catalog {
		c.Catalog[i] = relativeTo(dir, f)
	}
	for i, f := range c.TicketKeys {
		c.TicketKeys[i] = relativeTo(dir, f)
	}
	for _, f := range []*string{&c.Auth.TokenFile, &c.TLS.Cert, &c.TLS.Key} {
		if *f != "" {
			*f = relativeTo(dir, *f)
		}
	}
	return c, nil
}

func relativeTo(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// sourceEnv are the sources that the environment declares: SKEIN_SOURCE_CRM=postgres://… is crm.
func sourceEnv(environ []string) map[string]string {
	out := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if s, ok := strings.CutPrefix(name, "SKEIN_SOURCE_"); ok && s != "" && value != "" {
			out[strings.ToLower(s)] = value
		}
	}
	return out
}

// pairs splits NAME=VALUE arguments.
func pairs(flag string, args []string) (map[string]string, error) {
	out := map[string]string{}
	for _, a := range args {
		name, value, ok := strings.Cut(a, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--%s %s: it is written NAME=VALUE", flag, a)
		}
		out[name] = value
	}
	return out, nil
}

// or is the first of its arguments that is not the zero value.
func or[T comparable](values ...T) T {
	var zero T
	i := slices.IndexFunc(values, func(v T) bool { return v != zero })
	if i < 0 {
		return zero
	}
	return values[i]
}

// optionalBytes reads a size; "" is 0.
func optionalBytes(name, value string) (int64, error) {
	if value == "" {
		return 0, nil
	}
	n, err := engine.ParseBytes(value)
	if err != nil {
		return 0, fmt.Errorf("%s %q: %w", name, value, err)
	}
	return n, nil
}
