package catalog

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// hintTimeout bounds what an error message may cost.
const hintTimeout = 2 * time.Second

// missing is the error for a name that stands for nothing, with what it may have been meant to be.
func (r *Resolver) missing(ctx context.Context, name []string) error {
	e := sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", strings.Join(name, "."))
	c := r.catalog
	if len(name) == 3 && name[0] != Home && c.Source(name[0]) == nil {
		return e.WithHint("no server is called %q; there are: %s", name[0], strings.Join(c.Servers(), ", "))
	}
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	best, distance := "", len(name[len(name)-1])/2+1
	for _, known := range r.knownNames(ctx, name) {
		short := known[strings.LastIndexByte(known, '.')+1:]
		if d := EditDistance(short, name[len(name)-1]); d < distance || d == 0 && best == "" {
			best, distance = known, d
		}
	}
	if best != "" {
		return e.WithHint("did you mean %s?", best)
	}
	if len(name) < 3 && len(r.path) == 1 {
		return e.WithHint("write server.schema.table (servers: %s), or SET search_path", strings.Join(c.Servers(), ", "))
	}
	return e
}

// knownNames are the qualified names of what is where the name was looked for, and of everything when it was bare.
func (r *Resolver) knownNames(ctx context.Context, name []string) []string {
	c := r.catalog
	var out []string
	for _, v := range c.defs.AllViews() {
		out = append(out, v.QualifiedName())
	}
	servers := c.Servers()
	if len(name) == 3 {
		servers = slices.DeleteFunc(servers, func(s string) bool { return s != name[0] })
	}
	for _, s := range servers {
		ts, err := c.List(ctx, s, true)
		if err != nil {
			continue // a server that is down must not turn a hint into another error
		}
		for _, t := range ts {
			out = append(out, t.ServerName+"."+t.SchemaName+"."+t.TableName)
		}
	}
	return out
}

// EditDistance is the Levenshtein distance of two names, by bytes.
func EditDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := diag
			if a[i] != b[j] {
				next = 1 + min(diag, row[j], row[j+1])
			}
			diag, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
