package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine"
)

// fileConfig is skein.yaml. Every key is also a flag of serve, which wins over the file, as the environment does. Values
// may hold ${NAME}, which the environment replaces.
type fileConfig struct {
	Listen      string            `yaml:"listen"`
	AdminListen string            `yaml:"admin_listen"`
	Catalog     []string          `yaml:"catalog"` // files of SQL; relative paths start from the file's folder
	Sources     map[string]string `yaml:"sources"` // name: URL
	SearchPath  string            `yaml:"search_path"`
	Settings    map[string]string `yaml:"settings"`
	Auth        struct {
		Token     string `yaml:"token"`
		TokenFile string `yaml:"token_file"`
		NoAuth    bool   `yaml:"no_auth"`
	} `yaml:"auth"`
	TLS struct {
		Cert       string `yaml:"cert"`
		Key        string `yaml:"key"`
		SelfSigned bool   `yaml:"self_signed"`
	} `yaml:"tls"`
	Insecure   bool       `yaml:"insecure"`
	TicketKeys []string   `yaml:"ticket_keys"` // files of at least 32 bytes, the first seals
	Limits     fileLimits `yaml:"limits"`
	Log        struct {
		Level      string `yaml:"level"`
		Format     string `yaml:"format"`
		Statements bool   `yaml:"statements"`
	} `yaml:"log"`

	path string
}

type fileLimits struct {
	Memory          string        `yaml:"memory"`
	StatementMemory string        `yaml:"statement_memory"`
	Workers         int           `yaml:"workers"`
	Sessions        int           `yaml:"sessions"`
	SessionIdle     time.Duration `yaml:"session_idle"`
	StallTimeout    time.Duration `yaml:"stall_timeout"`
	DrainTimeout    time.Duration `yaml:"drain_timeout"`
	ConnectTimeout  time.Duration `yaml:"connect_timeout"`
	RemoteStatement time.Duration `yaml:"remote_statement_timeout"`
	RemoteLock      time.Duration `yaml:"remote_lock_timeout"`
	RemoteIdle      time.Duration `yaml:"remote_idle_timeout"`
}

// readConfig reads a configuration file strictly: a key that is not known is an error that names its line.
func readConfig(path string) (*fileConfig, error) {
	c := &fileConfig{path: path}
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
		return nil, yamlError(path, err)
	}
	if err := d.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the configuration is one YAML document, not several", path)
	}
	if err := c.expand(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

var (
	yamlLine    = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)`)
	yamlUnknown = regexp.MustCompile(`^field (\S+) not found in type .*`)
)

// yamlError says what is wrong with a file as file:line: message.
func yamlError(path string, err error) error {
	lines := []string{err.Error()}
	var t *yaml.TypeError
	if errors.As(err, &t) {
		lines = t.Errors
	}
	for i, l := range lines {
		if m := yamlLine.FindStringSubmatch(l); m != nil {
			lines[i] = path + ":" + m[1] + ": " + yamlUnknown.ReplaceAllString(m[2], `there is no setting called "$1" here`)
		} else {
			lines[i] = path + ": " + l
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// expand replaces ${NAME} and makes relative paths start from the file's folder. URLs of sources are left to the catalog.
func (c *fileConfig) expand() error {
	l := &c.Limits
	paths := []*string{&c.Auth.TokenFile, &c.TLS.Cert, &c.TLS.Key}
	for _, list := range [][]string{c.Catalog, c.TicketKeys} {
		for i := range list {
			paths = append(paths, &list[i])
		}
	}
	texts := append(slices.Clone(paths), &c.Listen, &c.AdminListen, &c.SearchPath, &c.Auth.Token, &l.Memory,
		&l.StatementMemory, &c.Log.Level, &c.Log.Format)
	for _, s := range texts {
		v, err := catalog.ExpandVars(*s, os.LookupEnv)
		if err != nil {
			return err
		}
		*s = v
	}
	for name, value := range c.Settings {
		v, err := catalog.ExpandVars(value, os.LookupEnv)
		if err != nil {
			return fmt.Errorf("settings.%s: %w", name, err)
		}
		c.Settings[name] = v
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(c.path), *p)
		}
	}
	return nil
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

// pairForms show how the flags are written whose arguments pairs splits.
var pairForms = map[string]string{
	"source": "NAME=VALUE, such as crm=postgres://host/database, pay=mongodb://host/database or lake=parquet:///folder",
	"set":    "NAME=VALUE, such as statement_timeout=30s",
}

// pairs splits NAME=VALUE arguments; one argument may hold several on lines of their own, as the environment's do.
func pairs(flag string, args []string) (map[string]string, error) {
	out := map[string]string{}
	for _, a := range args {
		for line := range strings.Lines(a) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			name, value, ok := strings.Cut(line, "=")
			if !ok || name == "" {
				return nil, fmt.Errorf("--%s %s: it is written %s", flag, name, pairForms[flag])
			}
			out[name] = value
		}
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
