package differential

import "strings"

// records cuts a file of sqllogictest's records into its statements and queries. What they expect is left out but for
// errors: PostgreSQL says what is right.
func records(text string) []step {
	var out []step
	skip := false
	for _, block := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		var sql []string
		var kind, directive string
		for _, line := range strings.Split(block, "\n") {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch {
			case kind == "" && (word == "" || strings.HasPrefix(word, "#")):
			case kind == "" && (word == "skipif" || word == "onlyif"):
				skip = word == "onlyif" == (strings.TrimSpace(rest) != "postgresql")
			case kind == "" && (word == "statement" || word == "query"):
				kind, directive = word, rest
			case kind == "" && word == "halt":
				return out
			case kind == "" || word == "----" && strings.TrimSpace(line) == "----":
				if kind != "" {
					kind = "result"
				}
			case kind == "statement" || kind == "query":
				sql = append(sql, line)
			}
		}
		if body := strings.TrimSuffix(strings.TrimSpace(strings.Join(sql, "\n")), ";"); body != "" && !skip {
			out = append(out, step{sql: body, refused: strings.HasPrefix(directive, "error")})
		}
		if kind != "" {
			skip = false
		}
	}
	return out
}
