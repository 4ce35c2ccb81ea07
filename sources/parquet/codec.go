package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// decompress fills dst, which has the size that the page's header says, from src: never more is written, whatever src
// holds, and anything else than exactly dst is an error.
func decompress(codec format.CompressionCodec, dst, src []byte, z *zstdDecoder) error {
	if len(dst) == 0 && len(src) == 0 {
		return nil // a page of NULLs alone
	}
	switch codec {
	case format.Uncompressed:
		return exactly(copy(dst, src), len(src), len(dst))
	case format.Snappy:
		n, err := snappy.DecodedLen(src)
		if err != nil || n != len(dst) {
			return badSize(err, n, len(dst))
		}
		_, err = snappy.Decode(dst, src)
		return err
	case format.Gzip:
		r, err := gzip.NewReader(bytes.NewReader(src))
		if err != nil {
			return err
		}
		return fill(dst, r)
	case format.Brotli:
		return fill(dst, brotli.NewReader(bytes.NewReader(src)))
	case format.Zstd:
		d, err := z.get()
		if err != nil {
			return err
		}
		out, err := d.DecodeAll(src, dst[:0:len(dst)])
		if err != nil || len(out) != len(dst) {
			return badSize(err, len(out), len(dst))
		}
		return nil
	case format.Lz4Raw:
		n, err := lz4.UncompressBlock(src, dst)
		if err != nil || n != len(dst) {
			return badSize(err, n, len(dst))
		}
		return nil
	}
	return fmt.Errorf("compression %s is not supported", codec)
}

// badSize is the error for a page that is not what its header says.
func badSize(err error, got, want int) error {
	if err != nil {
		return fmt.Errorf("decompressing %d bytes: %w", want, err)
	}
	return exactly(got, got, want)
}

func exactly(got, all, want int) error {
	if got != want || all != want {
		return fmt.Errorf("a page has %d bytes where its header says %d", all, want)
	}
	return nil
}

// fill reads exactly dst from a decompressor.
func fill(dst []byte, r io.Reader) error {
	if n, err := io.ReadFull(r, dst); err != nil {
		return badSize(err, n, len(dst))
	}
	var more [1]byte
	switch n, err := r.Read(more[:]); {
	case n > 0:
		return fmt.Errorf("a page has more than the %d bytes that its header says", len(dst))
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// zstdDecoder is one decoder for a server: it keeps its tables between pages. Safe for concurrent use.
type zstdDecoder struct {
	once sync.Once
	d    *zstd.Decoder
	err  error
}

func (z *zstdDecoder) get() (*zstd.Decoder, error) {
	z.once.Do(func() {
		z.d, z.err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(pageMemory))
	})
	return z.d, z.err
}
