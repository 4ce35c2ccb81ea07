package differential

import (
	"os"
	"strings"
)

// variables are those of psql, with the state of its conditions.
type variables struct {
	values map[string]string
	// skip holds, for each open \if, whether its lines are left out now; done, whether a branch of it was taken.
	skip, done []bool
	quit       bool
}

func newVariables() *variables { return &variables{values: map[string]string{}} }

// skipping says that statements are left out: in a branch not taken, or behind \quit.
func (v *variables) skipping() bool {
	for _, s := range v.skip {
		if s {
			return true
		}
	}
	return v.quit
}

// command does what a backslash command does to variables and conditions; others do nothing.
func (v *variables) command(meta string) {
	args := v.arguments(meta)
	if len(args) == 0 {
		return
	}
	top := len(v.skip) - 1
	switch args[0] {
	case "if":
		take := len(args) > 1 && truth(args[1])
		v.skip, v.done = append(v.skip, !take), append(v.done, take)
	case "elif", "else":
		if top >= 0 {
			take := !v.done[top] && (args[0] == "else" || len(args) > 1 && truth(args[1]))
			v.skip[top], v.done[top] = !take, v.done[top] || take
		}
	case "endif":
		if top >= 0 {
			v.skip, v.done = v.skip[:top], v.done[:top]
		}
	}
	if v.skipping() {
		return
	}
	switch args[0] {
	case "q", "quit":
		v.quit = true
	case "set":
		if len(args) > 1 {
			v.values[args[1]] = strings.Join(args[2:], "")
		}
	case "unset":
		if len(args) > 1 {
			delete(v.values, args[1])
		}
	case "getenv":
		if len(args) > 2 {
			v.values[args[1]] = os.Getenv(args[2])
		}
	}
}

func truth(s string) bool {
	switch strings.ToLower(s) {
	case "t", "true", "on", "yes", "y", "1":
		return true
	}
	return false
}

// gset keeps the one row of an answer, under the names of its columns behind a prefix.
func (v *variables) gset(prefix string, a *Answer) {
	if len(a.Rows) != 1 {
		return
	}
	for i, name := range a.Names {
		if c := a.Rows[0][i]; c.Null {
			delete(v.values, prefix+name)
		} else {
			v.values[prefix+name] = c.Text
		}
	}
}

// arguments are a command's words, with quotes taken off and variables put in.
func (v *variables) arguments(meta string) []string {
	var out []string
	for i := 0; i < len(meta); {
		if meta[i] == ' ' || meta[i] == '\t' {
			i++
			continue
		}
		end := i
		if meta[i] == '\'' {
			end = i + quoteEnd(meta[i:], true)
			out = append(out, strings.ReplaceAll(strings.Trim(meta[i:end], "'"), `\n`, "\n"))
		} else {
			for end < len(meta) && meta[end] != ' ' && meta[end] != '\t' {
				end++
			}
			out = append(out, v.expand(meta[i:end]))
		}
		i = end
	}
	return out
}

// expand puts variables into a text outside of its quotes: :name as it is, :'name' as a literal, :"name" as an identifier.
func (v *variables) expand(sql string) string {
	if !strings.Contains(sql, ":") {
		return sql
	}
	var b strings.Builder
	for i := 0; i < len(sql); {
		n := 1
		switch sql[i] {
		case '\'', '"':
			n = quoteEnd(sql[i:], i > 0 && (sql[i-1] == 'e' || sql[i-1] == 'E') && sql[i] == '\'')
		case '$':
			n = dollarEnd(sql[i:])
		case ':':
			if strings.HasPrefix(sql[i:], "::") {
				n = 2
				break
			}
			if text, used := v.variable(sql[i+1:]); used > 0 {
				b.WriteString(text)
				i += 1 + used
				continue
			}
		}
		b.WriteString(sql[i : i+n])
		i += n
	}
	return b.String()
}

// variable is what a reference stands for, and how many bytes the reference has behind its colon; 0 when it is none.
func (v *variables) variable(s string) (string, int) {
	if s == "" {
		return "", 0
	}
	if s[0] == '\'' || s[0] == '"' {
		n := quoteEnd(s, false)
		value, ok := v.values[strings.Trim(s[:n], s[:1])]
		if !ok {
			return "", 0
		}
		return s[:1] + strings.ReplaceAll(value, s[:1], s[:1]+s[:1]) + s[:1], n
	}
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	value, ok := v.values[s[:n]]
	if !ok {
		return "", 0
	}
	return value, n
}
