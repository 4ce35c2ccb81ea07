package differential

import "strings"

// step is one part of a script: a statement, with COPY's lines and the psql command that sent it, or a command of psql.
type step struct {
	sql  string
	data string // the lines behind COPY … FROM stdin
	meta string // a backslash command with its arguments, without the backslash
	// refused says that the script wants an error.
	refused bool
}

// Split cuts a script as psql does: at semicolons outside of quotes, comments and dollar quotes. Lines of backslash
// commands, and the lines of data after COPY … FROM stdin, are left out.
func Split(text string) []string {
	var out []string
	for _, s := range steps(text) {
		if s.sql != "" {
			out = append(out, s.sql)
		}
	}
	return out
}

// splitter is a script being cut.
type splitter struct {
	text  string
	at    int
	b     strings.Builder
	depth int
	out   []step
}

// steps cuts a script of psql.
func steps(text string) []step {
	s := &splitter{text: text}
	for s.at < len(text) {
		s.next()
	}
	s.flush("")
	return s.out
}

// flush ends a statement; meta is the command that ended it.
func (s *splitter) flush(meta string) {
	sql := strings.TrimSpace(s.b.String())
	s.b.Reset()
	s.depth = 0
	if sql != "" || meta != "" {
		s.out = append(s.out, step{sql: sql, meta: meta})
	}
}

func (s *splitter) next() {
	rest := s.text[s.at:]
	n := 1
	switch {
	case strings.HasPrefix(rest, "--"):
		s.at += lineEnd(rest)
		return
	case strings.HasPrefix(rest, "/*"):
		s.at += commentEnd(rest)
		s.b.WriteByte(' ')
		return
	case strings.HasPrefix(rest, `\;`):
		s.at++
		return
	case rest[0] == '\\':
		s.command(rest[:lineEnd(rest)])
		return
	case rest[0] == '\'' || rest[0] == '"':
		n = quoteEnd(rest, s.at > 0 && (s.text[s.at-1] == 'e' || s.text[s.at-1] == 'E') && rest[0] == '\'')
	case rest[0] == '$':
		n = dollarEnd(rest)
	case rest[0] == '(':
		s.depth++
	case rest[0] == ')':
		s.depth--
	case isWord(rest, s.at, s.text, "BEGIN") && strings.TrimSpace(rest[5:6]) == "" && strings.HasPrefix(strings.ToUpper(strings.TrimSpace(rest[5:])), "ATOMIC"):
		n = len(rest) - len(strings.TrimLeft(rest[5:], " \n\t\r")) + 6
		s.depth += 1 << 16 // a routine's body, up to its END
	case s.depth >= 1<<16 && isWord(rest, s.at, s.text, "END"):
		n = 3
		s.depth -= 1 << 16
	case s.depth >= 1<<16 && isWord(rest, s.at, s.text, "CASE"):
		n = 4
		s.depth += 1 << 16
	case rest[0] == ';' && s.depth <= 0:
		s.at++
		s.end()
		return
	}
	s.b.WriteString(rest[:n])
	s.at += n
}

// end ends a statement at its semicolon and takes the lines of data that belong to it.
func (s *splitter) end() {
	upper := strings.ToUpper(strings.TrimSpace(s.b.String()))
	s.flush("")
	if strings.HasPrefix(upper, "COPY") && strings.Contains(upper, "FROM STDIN") {
		rest := s.text[s.at:]
		n := dataEnd(rest)
		if n == 0 {
			return
		}
		s.at += n
		lines := strings.TrimPrefix(rest[lineEnd(rest):n], "\n")
		s.out[len(s.out)-1].data = strings.TrimSuffix(lines, `\.`)
	}
}

// command takes a backslash command: \g and its kin send the statement before them, others stand alone on their line.
func (s *splitter) command(line string) {
	s.at += len(line)
	meta := strings.TrimSpace(strings.TrimPrefix(line, `\`))
	word, _, _ := strings.Cut(meta, " ")
	switch {
	case word == "g" || word == "gx" || word == "gset" || word == "gexec" || word == "crosstabview" || word == "gdesc":
		s.flush(meta)
	case strings.TrimSpace(s.b.String()) == "":
		s.out = append(s.out, step{meta: meta})
	}
}

// isWord says that a word stands at a place of a text, in any case.
func isWord(rest string, at int, text, word string) bool {
	if len(rest) <= len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return false
	}
	return !isLetter(rest[len(word)]) && (at == 0 || !isLetter(text[at-1]))
}

func isLetter(c byte) bool {
	return c == '_' || c|32 >= 'a' && c|32 <= 'z' || c >= '0' && c <= '9' || c >= 128
}

func lineEnd(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

func commentEnd(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func quoteEnd(s string, escapes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

func dollarEnd(s string) int {
	n := strings.IndexByte(s[1:], '$')
	if n < 0 || strings.ContainsAny(s[1:n+1], " \n\t;,()'\"+-=") {
		return 1
	}
	tag := s[:n+2]
	if end := strings.Index(s[len(tag):], tag); end >= 0 {
		return end + 2*len(tag)
	}
	return 1
}

// dataEnd is where the lines of COPY's data end, with the line \. behind them.
func dataEnd(s string) int {
	if n := strings.Index(s, "\n\\."); n >= 0 {
		return n + 3
	}
	return 0
}
