package flightsql

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// A sealed value is version, purpose, key id (4), nonce (24), then XChaCha20-Poly1305 of the content with all that
// precedes the nonce as additional data. Nonces of 24 bytes may be random however many replicas share a key.
const (
	sealVersion  = 1
	sealPrefix   = 2 + keyIDSize
	keyIDSize    = 4
	sealOverhead = sealPrefix + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
	minKeySize   = 32
	maxKeys      = 2
)

// The purposes: a value sealed for one never opens for another.
const (
	sealTicket  = 't'
	sealHandle  = 'h'
	sealSession = 's'
)

var errNotSealed = errors.New("it was not sealed by this server or its key, or was changed on the way")

// sealer seals with its first key and opens with any. Safe for concurrent use.
type sealer struct{ keys []sealKey }

type sealKey struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
}

func newSealer(keys [][]byte) (*sealer, error) {
	if len(keys) > maxKeys {
		return nil, fmt.Errorf("ticket keys: %d given, at most %d are used (the first seals, both open)", len(keys), maxKeys)
	}
	if len(keys) == 0 {
		random := make([]byte, minKeySize)
		if _, err := rand.Read(random); err != nil {
			return nil, fmt.Errorf("making a ticket key: %w", err)
		}
		keys = [][]byte{random}
	}
	s := &sealer{}
	for i, k := range keys {
		key, err := newSealKey(k)
		if err != nil {
			return nil, fmt.Errorf("ticket key %d: %w", i+1, err)
		}
		s.keys = append(s.keys, key)
	}
	return s, nil
}

func newSealKey(secret []byte) (sealKey, error) {
	if len(secret) < minKeySize {
		return sealKey{}, fmt.Errorf("it has %d bytes, at least %d are needed", len(secret), minKeySize)
	}
	derived, err := hkdf.Key(sha256.New, secret, nil, "skein flightsql seal 1", chacha20poly1305.KeySize+keyIDSize)
	if err != nil {
		return sealKey{}, fmt.Errorf("deriving it: %w", err)
	}
	aead, err := chacha20poly1305.NewX(derived[:chacha20poly1305.KeySize])
	if err != nil {
		return sealKey{}, fmt.Errorf("deriving it: %w", err)
	}
	return sealKey{id: [keyIDSize]byte(derived[chacha20poly1305.KeySize:]), aead: aead}, nil
}

func (s *sealer) seal(purpose byte, content []byte) []byte {
	k := s.keys[0]
	out := make([]byte, sealPrefix+chacha20poly1305.NonceSizeX, sealOverhead+len(content))
	out[0], out[1] = sealVersion, purpose
	copy(out[2:], k.id[:])
	nonce := out[sealPrefix:]
	rand.Read(nonce) //nolint:errcheck // crypto/rand.Read never fails: it crashes the process instead
	return k.aead.Seal(out, nonce, content, out[:sealPrefix])
}

func (s *sealer) open(purpose byte, sealed []byte) ([]byte, error) {
	if len(sealed) < sealOverhead || sealed[0] != sealVersion || sealed[1] != purpose {
		return nil, errNotSealed
	}
	nonce, body := sealed[sealPrefix:sealPrefix+chacha20poly1305.NonceSizeX], sealed[sealPrefix+chacha20poly1305.NonceSizeX:]
	for _, k := range s.keys {
		if k.id != [keyIDSize]byte(sealed[2:sealPrefix]) {
			continue
		}
		content, err := k.aead.Open(nil, nonce, body, sealed[:sealPrefix])
		if err != nil {
			return nil, errNotSealed
		}
		return content, nil
	}
	return nil, errNotSealed
}
