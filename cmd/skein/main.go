// Command skein serves PostgreSQL, MongoDB and Parquet through one Arrow Flight SQL endpoint, and queries it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// cli is the command line. Every flag is also SKEIN_ and its name in capitals in the environment.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Serve the sources through Arrow Flight SQL."`
	Query   queryCmd   `cmd:"" help:"Run one statement, on a server or in this process, and print its rows."`
	Check   checkCmd   `cmd:"" help:"Validate the configuration, reach every source, and bind every view."`
	Import  importCmd  `cmd:"" help:"Print the tables that the sources have as CREATE FOREIGN TABLE statements."`
	Demo    demoCmd    `cmd:"" help:"Start a PostgreSQL, a MongoDB and Parquet files with a shop's data, and query them together."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // before anybody hears of the first: the second ends the process as if nobody listened
		cancel()
	}()
	code := run(ctx, os.Args[1:])
	cancel()
	os.Exit(code)
}

// run parses the arguments and runs a command; the code is 0, 1 for a failure, 2 for a command line that is wrong, 130 when
// it was interrupted.
func run(ctx context.Context, args []string) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("skein"),
		kong.Description("Joins and unions rows from PostgreSQL, MongoDB and Parquet behind one Arrow Flight SQL endpoint."),
		kong.UsageOnError(), kong.DefaultEnvars("SKEIN"), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Vars{"version": buildVersion()})
	if err != nil {
		fmt.Fprintln(os.Stderr, "skein:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		parser.Errorf("%s", err)
		return 2
	}
	if err := k.Run(); err != nil {
		if interrupted := ctx.Err() != nil; interrupted && sqlerr.Code(err) != sqlerr.AdminShutdown {
			return 130
		}
		printError(err)
		return 1
	}
	return 0
}

// printError writes an error to stderr as psql does: the message with its SQLSTATE, then position, detail and hint.
func printError(err error) {
	fmt.Fprint(os.Stderr, "skein: ")
	printErrorTo(os.Stderr, "", err)
}

func printErrorTo(w io.Writer, indent string, err error) {
	lines := []string{err.Error()}
	var e *sqlerr.Error
	if errors.As(err, &e) {
		if e.Position > 0 {
			lines = append(lines, fmt.Sprintf("position: %d", e.Position))
		}
		if e.Detail != "" {
			lines = append(lines, "detail: "+e.Detail)
		}
		if e.Hint != "" {
			lines = append(lines, "hint: "+e.Hint)
		}
	}
	for _, l := range lines {
		_, _ = fmt.Fprintln(w, indent+l)
	}
}
