package catalog

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

func (b *Builder) expandVars(value string) (string, error) { return ExpandVars(value, b.expand) }

// ExpandVars replaces each ${NAME} by its value. A name without one is an error: an empty password is rarely meant.
func ExpandVars(value string, lookup func(name string) (string, bool)) (string, error) {
	var missing string
	out := variable.ReplaceAllStringFunc(value, func(m string) string {
		name := m[2 : len(m)-1]
		v, ok := lookup(name)
		if !ok {
			missing = name
		}
		return v
	})
	if missing != "" {
		return "", sqlerr.New(sqlerr.UndefinedObject, "the environment variable %s is not set", missing)
	}
	return out, nil
}

// secretFile reads a secret: the file's content without the line end. Relative paths start at the script's folder.
func (b *Builder) secretFile(path string) (string, error) {
	path = b.located("password_file", path)
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading password_file %s: %w", path, err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
