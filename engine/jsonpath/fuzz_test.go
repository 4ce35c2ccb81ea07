package jsonpath_test

import (
	"strings"
	"testing"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/jsonpath"
)

// FuzzPath: any text is a path or an error, and a path has an answer or an error for any document.
func FuzzPath(f *testing.F) {
	for _, p := range []string{
		"$", "strict $.a[*] ? (@.b > 1).c", "lax $.**{1 to last}.size() + 1", `$ ? (exists(@."a") && !(@ starts with "x"))`,
		`$x like_regex "^a" flag "im"`, "$[0, 1 to last - 1]", strings.Repeat("(", 2000), strings.Repeat("$[", 3000), strings.Repeat("-", 5000) + "1",
	} {
		f.Add(p, `{"a": [1, {"b": "x"}, null]}`)
	}
	f.Fuzz(func(_ *testing.T, path, doc string) {
		p, err := jsonpath.Parse(path, func(string, string) error { return nil })
		if err != nil {
			return
		}
		v, err := datum.ParseJSONB(doc)
		if err != nil {
			return
		}
		match := func(string, string, string) (bool, error) { return true, nil }
		_, _ = p.Query(v, jsonpath.Options{Match: match})
		_, _, _ = p.Exists(v, jsonpath.Options{Match: match, Silent: true})
		_, _, _ = p.Match(v, jsonpath.Options{Match: match, Vars: v})
	})
}
