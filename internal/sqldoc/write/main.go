// Write writes docs/sql.md anew; it runs in the repository's root or by go generate.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/skeinsql/skein/internal/sqldoc"
)

func main() {
	root := "."
	if _, err := os.Stat("go.mod"); err != nil {
		root = filepath.Join("..", "..")
	}
	if err := os.WriteFile(filepath.Join(root, "docs", "sql.md"), []byte(sqldoc.Page()), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
