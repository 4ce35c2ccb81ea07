package eval

import (
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/jsonpath"
	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	table := implementations{
		"jsonb_path_exists_opr": jsonPathCall(pathExists, true, false), "jsonb_path_match_opr": jsonPathCall(pathMatch, true, false),
	}
	for name, f := range map[string]pathAnswer{
		"jsonb_path_exists": pathExists, "jsonb_path_match": pathMatch,
		"jsonb_path_query_array": pathArray, "jsonb_path_query_first": pathFirst, "jsonb_path_query": pathItems,
	} {
		for _, form := range []string{"_plain", "_vars", ""} {
			table[name+form], table[name+"_tz"+form] = jsonPathCall(f, false, false), jsonPathCall(f, false, true)
		}
	}
	register(table)
}

// pathAnswer is what is asked of a path and a document.
type pathAnswer func(p *jsonpath.Path, doc *datum.JSON, o jsonpath.Options) (any, error)

// jsonPathCall is the form of functions (document, path, variables, silent), of which the last two may be missing. zoned
// lets dates and times be compared in the session's time zone.
func jsonPathCall(answer pathAnswer, silent, zoned bool) maker {
	return byDatum(func(c *call, a []any) (any, error) {
		p, err := c.path(a[1].(string))
		if err != nil {
			return nil, err
		}
		doc, err := datum.ParseJSONB(a[0].(string))
		if err != nil {
			return nil, err
		}
		o := jsonpath.Options{Silent: silent, Match: matchXQuery}
		if zoned {
			o.Zone, o.Now = c.zone(), time.UnixMicro(c.env.Now)
		}
		if !silent { // the functions' variables are an object without members unless given, the operators have none
			o.Vars = &datum.JSON{Kind: datum.JSONObject}
		}
		if len(a) > 2 {
			if o.Vars, err = datum.ParseJSONB(a[2].(string)); err != nil {
				return nil, err
			}
			if o.Vars.Kind != datum.JSONObject {
				return nil, sqlerr.New(sqlerr.InvalidParameterValue, `"vars" argument is not an object`).
					WithDetail(`Jsonpath parameters should be encoded as key-value pairs of "vars" object.`)
			}
		}
		if len(a) > 3 {
			o.Silent = a[3].(bool)
		}
		return answer(p, doc, o)
	})
}

// path parses a path, or gives what was parsed for the row before.
func (c *call) path(text string) (*jsonpath.Path, error) {
	if last, _ := c.state.(*compiledPattern[*jsonpath.Path]); last != nil && last.text == text {
		return last.form, nil
	}
	text = strings.Clone(text)
	p, err := jsonpath.Parse(text, func(pattern, flags string) error {
		_, err := matchXQuery("", pattern, flags)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.state = &compiledPattern[*jsonpath.Path]{text, p}
	return p, nil
}

// pathCast reads paths and writes them as PostgreSQL does.
func pathCast(c *call, args []*vector, out *vector) error {
	return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
		p, err := c.path(string(args[0].bytes(i)))
		if err != nil {
			return dst, err
		}
		return p.AppendText(dst), nil
	})
}

// matchXQuery compiles like_regex's flags into those of PostgreSQL's own expressions: without s the dot takes no line
// break, with m ^ and $ stand at every line.
func matchXQuery(text, pattern, flags string) (bool, error) {
	options := ""
	switch {
	case strings.Contains(flags, "q"):
		options = "***="
	case strings.Contains(flags, "s") && strings.Contains(flags, "m"):
		options = "(?w)"
	case strings.Contains(flags, "m"):
		options = "(?n)"
	case !strings.Contains(flags, "s"):
		options = "(?p)"
	}
	re, _, err := compileARE(options+pattern, strings.Contains(flags, "i"))
	if err != nil {
		return false, err
	}
	return re.MatchString(text), nil
}

func pathExists(p *jsonpath.Path, doc *datum.JSON, o jsonpath.Options) (any, error) {
	found, unknown, err := p.Exists(doc, o)
	if err != nil || unknown {
		return nil, err
	}
	return found, nil
}

func pathMatch(p *jsonpath.Path, doc *datum.JSON, o jsonpath.Options) (any, error) {
	value, unknown, err := p.Match(doc, o)
	if err != nil || unknown {
		return nil, err
	}
	return value, nil
}

func pathArray(p *jsonpath.Path, doc *datum.JSON, o jsonpath.Options) (any, error) {
	items, err := p.Query(doc, o)
	if err != nil {
		return nil, err
	}
	return string(datum.AppendJSONB(nil, &datum.JSON{Kind: datum.JSONArray, Elems: items})), nil
}

// pathItems is jsonb_path_query, which gives a row for each item.
func pathItems(p *jsonpath.Path, doc *datum.JSON, o jsonpath.Options) (any, error) {
	items, err := p.Query(doc, o)
	if err != nil {
		return nil, err
	}
	return jsonForm{binary: true}.parts(items, false), nil
}

func pathFirst(p *jsonpath.Path, doc *datum.JSON, o jsonpath.Options) (any, error) {
	items, err := p.Query(doc, o)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	return string(datum.AppendJSONB(nil, items[0])), nil
}
