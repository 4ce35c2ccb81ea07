package main

import (
	"debug/elf"
	"io"
	"os"
	"os/exec"
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
// writable file. Who is not root changes the root directory in a user namespace.
func TestServeInAnEmptyRoot(t *testing.T) {
	attr := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	if uid := os.Getuid(); uid != 0 {
		if err := userNamespaces(); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("changing the root directory takes root, or user namespaces: %v", err)
			}
			t.Skipf("changing the root directory takes root, or user namespaces: %v", err)
		}
		attr = inUserNamespace()
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
	t.Cleanup(func() { require.NoError(t, os.Chmod(root, 0o755)) }) // so that it can be removed
	cmd := command(t, nil, "serve", "--listen", "127.0.0.1:0", "--token", "x")
	cmd.Path, cmd.Dir, cmd.Env = "/skein", "/", nil
	attr.Chroot = root
	cmd.SysProcAttr = attr
	s := startCommand(t, cmd)
	require.Equal(t, output{out: "day\n2024-07-01 14:00:00\n"},
		s.query(t, "select timestamptz '2024-07-01 12:00Z' at time zone 'Europe/Berlin' as day", "--token", "x"))
}

// inUserNamespace makes this user the one of a namespace in which it may change its root directory.
func inUserNamespace() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getgid(), Size: 1}},
	}
}

// userNamespaces says why this system gives no user namespaces, nil when it does.
func userNamespaces() error {
	cmd := exec.Command("true")
	cmd.SysProcAttr = inUserNamespace()
	return cmd.Run()
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
