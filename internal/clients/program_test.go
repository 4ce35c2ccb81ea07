package clients_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/internal/shop"
)

// facts are what a client program is told: where the servers are, and what is true of the data.
type facts struct {
	Plain       string            `json:"plain"`
	Secured     string            `json:"secured"`
	Token       string            `json:"token"`
	Certificate string            `json:"certificate"` // a PEM file
	Customers   int               `json:"customers"`
	Orders      int               `json:"orders"`
	Payments    int               `json:"payments"`
	Events      int               `json:"events"`
	OrderIDs    int64             `json:"order_ids"` // their sum
	Names       map[string]string `json:"names"`     // of customers, by id
	Queries     []composed        `json:"queries"`
}

type composed struct {
	SQL    string     `json:"sql"`
	Answer [][]string `json:"answer"`
}

// writeFacts writes them as JSON and gives the file.
func (e *endpoint) writeFacts(t *testing.T) string {
	f := facts{
		Plain: e.plain, Secured: e.secured, Token: secret, Certificate: e.certificateFile(t), Customers: len(e.shop.Customers),
		Orders: len(e.shop.Orders), Payments: len(e.shop.Payments), Events: len(e.shop.Events), Names: map[string]string{},
	}
	for _, o := range e.shop.Orders {
		f.OrderIDs += o.ID
	}
	for _, c := range e.shop.Customers[:10] {
		f.Names[strconv.Itoa(int(c.ID))] = c.Name
	}
	for _, q := range shop.Queries() {
		f.Queries = append(f.Queries, composed{q.SQL, q.Answer(e.shop)})
	}
	text, err := json.Marshal(f)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "facts.json")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

// certificateFile writes the certificate of the secured listener.
func (e *endpoint) certificateFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "server.pem")
	require.NoError(t, os.WriteFile(path, e.certificate, 0o600))
	return path
}

// runChecks runs a program that prints "ok NAME" or "not ok NAME" with an indented reason for each check, and a last line
// "done"; each check becomes a test.
func runChecks(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	checks, reasons, done := readChecks(out)
	for _, c := range checks {
		t.Run(c, func(t *testing.T) {
			if why, failed := reasons[c]; failed {
				t.Error(why)
			}
		})
	}
	require.NoError(t, err, "stderr: %s", stderr.String())
	require.True(t, done, "it did not reach its end: %s", stderr.String())
	require.NotEmpty(t, checks)
}

func readChecks(out []byte) (checks []string, reasons map[string]string, done bool) {
	reasons = map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	last := ""
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "ok "); ok {
			checks = append(checks, name)
		} else if name, ok := strings.CutPrefix(line, "not ok "); ok {
			checks, last = append(checks, name), name
			reasons[name] = ""
		} else if line == "done" {
			done = true
		} else if last != "" {
			reasons[last] += line + "\n"
		}
	}
	return checks, reasons, done
}
