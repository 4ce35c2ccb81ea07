package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/skeinsql/skein/internal/fixture"
)

const tpchRequirement = "tpchgen-cli==4.0.0"

// tpchFolder is the folder of TPC-H's tables as Parquet (Snappy, row groups of 7 MB) at a scale, generated once.
func tpchFolder(ctx context.Context, scale float64) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	factor := strconv.FormatFloat(scale, 'g', -1, 64)
	dir := filepath.Join(base, "skein", "bench", "tpch-"+factor)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "making-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := generate(ctx, "parquet", "-s", factor, "-o", filepath.Join(work, "tpch")); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(work, "tpch"), dir); err != nil && !exists(dir) { // another run may have been first
		return "", err
	}
	return dir, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// generate runs tpchgen-cli.
func generate(ctx context.Context, args ...string) error {
	python, err := fixture.Python(ctx, tpchRequirement)
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(filepath.Dir(python), "tpchgen-cli"), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("generating TPC-H: %s: %w", out, err)
	}
	return nil
}
