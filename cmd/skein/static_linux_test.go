package main

import (
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheBinaryIsStatic(t *testing.T) {
	f, err := elf.Open(binary(t))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	libs, err := f.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libs)
	for _, p := range f.Progs {
		require.NotEqual(t, elf.PT_INTERP, p.Type, "it needs no loader")
	}
}

// TestServeInAnEmptyRoot is the container: a root directory with nothing in it but the program, another user, no
// writable file.
func TestServeInAnEmptyRoot(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("this test changes its root directory, which takes root")
		}
		t.Skip("changing the root directory takes root")
	}
	root := t.TempDir()
	for dir := root; dir != "/"; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		require.NoError(t, err)
		if info.Mode()&0o001 == 0 {
			require.NoError(t, os.Chmod(dir, info.Mode()|0o011))
		}
	}
	copyFile(t, filepath.Join(root, "skein"), binary(t))
	require.NoError(t, os.Chmod(root, 0o555))
	cmd := command(t, nil, "serve", "--listen", "127.0.0.1:0", "--token", "x")
	cmd.Path, cmd.Dir, cmd.Env = "/skein", "/", nil
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	s := startCommand(t, cmd)
	require.Equal(t, output{out: "day\n2024-07-01 14:00:00\n"},
		s.query(t, "select timestamptz '2024-07-01 12:00Z' at time zone 'Europe/Berlin' as day", "--token", "x"))
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	in, err := os.Open(from)
	require.NoError(t, err)
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(out, in)
	require.NoError(t, err)
	require.NoError(t, out.Close())
}
