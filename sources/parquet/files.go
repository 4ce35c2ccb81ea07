package parquet

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// maxDepth bounds the folders below a table, so that links in a circle end.
const maxDepth = 32

// dataFile is one file of a table as a listing found it.
type dataFile struct {
	path  string // below the root, with slashes
	size  int64
	mtime time.Time
	// keys are the values of key=value folders on the way, outermost first.
	keys []partition
}

// partition is one folder name key=value; null for Hive's name of NULL.
type partition struct {
	key, value string
	null       bool
}

func (f dataFile) same(o dataFile) bool {
	return f.path == o.path && f.size == o.size && f.mtime.Equal(o.mtime)
}

// place is where a server's files are: a directory that nothing may lead out of, and which of its entries are tables.
type place struct {
	dir     string
	file    string // the one file, when the path names a file
	pattern string // below dir, when the path is a glob
}

// locate splits a server's path. A path that exists is taken literally, whatever characters it has.
func locate(p string) (place, error) {
	info, err := os.Stat(p)
	switch {
	case err == nil && info.IsDir():
		return place{dir: p}, nil
	case err == nil:
		return place{dir: filepath.Dir(p), file: filepath.Base(p)}, nil
	case !strings.ContainsAny(p, "*?["):
		return place{}, fileError(err, "the path of the server")
	}
	dir, pattern := filepath.ToSlash(p), ""
	for strings.ContainsAny(dir, "*?[") {
		dir, pattern = path.Dir(dir), path.Join(path.Base(dir), pattern)
	}
	return place{dir: filepath.FromSlash(dir), pattern: pattern}, nil
}

// fileError says what failed with which file; the error of the system names the path already.
func fileError(err error, what string) error {
	code := sqlerr.IOError
	if errors.Is(err, fs.ErrNotExist) {
		code = sqlerr.UndefinedFile
	}
	return sqlerr.New(code, "reading %s: %w", what, err)
}

// listing is the tables of a place: files by table name. Of a listing of all tables, one that cannot be listed is left
// out and told to skipped.
func (p place) listing(root *os.Root, table string, skipped func(table string, err error)) (map[string][]dataFile, error) {
	out := map[string][]dataFile{}
	add := func(entry string) error {
		name := tableName(entry)
		if name == "" || table != "" && table != name {
			return nil
		}
		found, err := walk(root, entry, nil, 0)
		if err != nil && table == "" {
			skipped(name, err)
			return nil
		}
		if err != nil {
			return err
		}
		if len(found) > 0 {
			out[name] = append(out[name], found...)
		}
		return nil
	}
	entries, err := p.entries(root)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := add(e); err != nil {
			return nil, err
		}
	}
	for _, files := range out {
		slices.SortFunc(files, func(a, b dataFile) int { return strings.Compare(a.path, b.path) })
	}
	return out, nil
}

// below is the files of a declared table: a file of any name, a folder, or a glob, below the folder of the server.
func (p place) below(root *os.Root, path string) ([]dataFile, error) {
	if p.file != "" || p.pattern != "" {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "a table has path %q, but the server's path is no folder", path).
			WithHint("let the server's path name the folder that the files of its tables are in")
	}
	local := filepath.FromSlash(path)
	if filepath.IsAbs(local) {
		if rel, err := filepath.Rel(p.dir, local); err == nil {
			local = rel
		}
	}
	if !filepath.IsLocal(local) {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "path %q of a table does not lie below the server's folder", path)
	}
	names := []string{filepath.ToSlash(filepath.Clean(local))}
	info, err := root.Stat(names[0])
	switch {
	case err == nil && info.Mode().IsRegular():
		return []dataFile{{path: names[0], size: info.Size(), mtime: info.ModTime()}}, nil
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(path, "*?["):
		if names, err = fs.Glob(root.FS(), names[0]); err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "path %q of a table: %w", path, err)
		}
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fileError(err, fmt.Sprintf("%q", path))
	}
	var out []dataFile
	for _, name := range names {
		found, err := walk(root, name, nil, 0)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b dataFile) int { return strings.Compare(a.path, b.path) })
	return out, nil
}

// entries are the names, below the root, of files and folders that are tables.
func (p place) entries(root *os.Root) ([]string, error) {
	switch {
	case p.file != "":
		return []string{p.file}, nil
	case p.pattern != "":
		out, err := fs.Glob(root.FS(), p.pattern)
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "the path's pattern %q: %w", p.pattern, err)
		}
		return out, nil
	}
	list, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fileError(err, "the folder of the server")
	}
	out := make([]string, 0, len(list))
	for _, e := range list {
		if e.Type()&fs.ModeSymlink != 0 {
			if _, err := root.Stat(e.Name()); err != nil {
				continue // it leads out of the folder, or nowhere: no table of ours
			}
		}
		out = append(out, e.Name())
	}
	return out, nil
}

// tableName is the name of the table that a file or folder makes: without .parquet. Hidden ones make none.
func tableName(entry string) string {
	base := path.Base(filepath.ToSlash(entry))
	if hidden(base) {
		return ""
	}
	return strings.TrimSuffix(base, ".parquet")
}

// hidden names belong to writers and file systems (_SUCCESS, .crc, _temporary).
func hidden(base string) bool { return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") }

// walk lists the Parquet files at and below entry. A link that leads out of the root is an error: leaving its rows out
// silently would be a wrong answer.
func walk(root *os.Root, entry string, keys []partition, depth int) ([]dataFile, error) {
	info, err := root.Stat(entry)
	if err != nil {
		return nil, fileError(err, fmt.Sprintf("%q", entry))
	}
	if !info.IsDir() {
		if !info.Mode().IsRegular() || path.Ext(entry) != ".parquet" {
			return nil, nil
		}
		return []dataFile{{path: entry, size: info.Size(), mtime: info.ModTime(), keys: keys}}, nil
	}
	if depth > maxDepth {
		return nil, sqlerr.New(sqlerr.IOError, "folder %q lies more than %d levels deep", entry, maxDepth)
	}
	list, err := fs.ReadDir(root.FS(), entry)
	if err != nil {
		return nil, fileError(err, fmt.Sprintf("folder %q", entry))
	}
	var out []dataFile
	for _, e := range list {
		if hidden(e.Name()) {
			continue
		}
		below := keys
		if k, ok := hivePartition(e.Name()); ok && path.Ext(e.Name()) != ".parquet" {
			below = append(slices.Clone(keys), k)
		}
		found, err := walk(root, path.Join(entry, e.Name()), below, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// hivePartition reads a folder name key=value, percent-encoded.
func hivePartition(name string) (partition, bool) {
	key, value, ok := strings.Cut(name, "=")
	if !ok || key == "" {
		return partition{}, false
	}
	k, err1 := url.PathUnescape(key)
	v, err2 := url.PathUnescape(value)
	if err1 != nil || err2 != nil {
		return partition{}, false
	}
	return partition{key: k, value: v, null: v == "__HIVE_DEFAULT_PARTITION__"}, true
}
