package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal makes a pseudo-terminal: what is written to the second file is read from the first.
func terminal(t *testing.T) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = screen.Close() })
	fd := int(screen.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	return screen, tty
}

// TestProgressIsForTerminals: a long statement counts its rows on a terminal, and wipes the line; nobody else sees it.
func TestProgressIsForTerminals(t *testing.T) {
	const sql = "select g from generate_series(1, 40000000) g"
	for _, args := range [][]string{nil, {"-q"}} {
		screen, tty := terminal(t)
		cmd := command(t, nil, append([]string{"query", "-f", "csv", sql}, args...)...)
		cmd.Stdout, cmd.Stderr = io.Discard, tty
		require.NoError(t, cmd.Start())
		require.NoError(t, tty.Close())
		shown := make(chan string, 1)
		go func() {
			var b bytes.Buffer
			_, _ = io.Copy(&b, screen) // ends with an error when the other side is closed
			shown <- b.String()
		}()
		require.NoError(t, cmd.Wait())
		text := <-shown
		if args != nil {
			require.Empty(t, text, "-q shows none")
			continue
		}
		require.Regexp(t, `^\r[0-9,]+ rows, [0-9.]+ s \r`, text)
		require.Regexp(t, `\r\033\[K$`, text, "the line is wiped")
	}
	o := runSkein(t, nil, "query", "-f", "csv", "-o", os.DevNull, sql)
	require.Equal(t, 0, o.code, o.err)
	require.Empty(t, o.err)
}
