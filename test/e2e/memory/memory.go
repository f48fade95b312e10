//go:build e2e

// Package memory looks through all that a process holds for something that opens a sealed frame. It asks the process
// nothing: it reads its memory and tries.
package memory

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Frame is a sealed frame as a server sees it: SFrame (RFC 9605) with AES-128-GCM and tags of 16 bytes.
type Frame struct {
	// Name for the test's words.
	Name string
	// Trailer tells that the header stands behind the ciphertext, as with pictures; Clear is how many bytes before it are clear.
	Trailer bool
	Clear   int
	// Bytes of the whole frame.
	Bytes []byte
}

// sealed is a Frame taken apart.
type sealed struct {
	counter             uint64
	aad                 []byte
	keyLabel, saltLabel []byte
	// bodies are what may have been sealed: with and without the eight bytes of a sender tag behind it.
	bodies [][]byte
}

// keyLength is that of a base key, bytes, and senderTag that of the tag behind a ciphertext.
const (
	keyLength = 16
	senderTag = 8
)

// Opens tells which of the frames any sixteen bytes in the process's writable memory open as the base key of their
// epoch, and how many were tried: those at every step-th place, from 1.
func Opens(t *testing.T, pid, step int, frames []Frame) (opened []bool, tried uint64) {
	t.Helper()
	parts := make([]sealed, len(frames))
	for i, f := range frames {
		var err error
		if parts[i], err = f.split(); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	hits := make([]atomic.Bool, len(frames))
	var count atomic.Uint64
	blocks := make(chan []byte)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for b := range blocks {
				count.Add(search(b, step, parts, hits))
			}
		})
	}
	read(t, pid, blocks)
	close(blocks)
	workers.Wait()
	opened = make([]bool, len(frames))
	for i := range hits {
		opened[i] = hits[i].Load()
	}
	return opened, count.Load()
}

// read sends all private writable memory, in blocks that overlap by a key.
func read(t *testing.T, pid int, blocks chan<- []byte) {
	t.Helper()
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer maps.Close()
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uint64
		var rights string
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights); n != 3 || !strings.HasPrefix(rights, "rw") {
			continue
		}
		const block = 1 << 20
		for at := from; at < to; at += block {
			b := make([]byte, min(block+keyLength, to-at))
			if n, err := mem.ReadAt(b, int64(at)); n > keyLength {
				blocks <- b[:n]
			} else if err != nil && err != io.EOF {
				break // reserved and never touched
			}
		}
	}
}

// search tries every place of a block that could be a key, and gives how many those were.
func search(b []byte, step int, frames []sealed, hits []atomic.Bool) (tried uint64) {
	for i := 0; i+keyLength <= len(b); i += step {
		key := b[i : i+keyLength]
		if !likely(key) {
			continue
		}
		tried++
		secret := keyed(nil, key)
		for j := range frames {
			if !hits[j].Load() && frames[j].open(secret[:]) {
				hits[j].Store(true)
			}
		}
	}
	return tried
}

// likely leaves out what is no key: numbers, pointers, text. Of sixteen bytes drawn at random it leaves out one in a few
// thousand.
func likely(key []byte) bool {
	var seen [4]uint64
	different, zeros, letters := 0, 0, 0
	for _, v := range key {
		if bit := uint64(1) << (v & 63); seen[v>>6]&bit == 0 {
			seen[v>>6] |= bit
			different++
		}
		switch {
		case v == 0:
			zeros++
		case v >= ' ' && v <= '~':
			letters++
		}
	}
	return different >= 12 && zeros < 3 && letters < 14
}

func (f Frame) split() (s sealed, err error) {
	b := f.Bytes
	var header, body, clear []byte
	var keyID uint64
	if f.Trailer {
		n := int(b[len(b)-1] & 0x7f)
		if n >= len(b)-1-f.Clear {
			return s, fmt.Errorf("no header of %d bytes in %d", n, len(b))
		}
		header, body, clear = b[len(b)-1-n:len(b)-1], b[f.Clear:len(b)-1-n], b[:f.Clear]
		keyID, s.counter, _ = readHeader(header)
	} else {
		var n int
		if keyID, s.counter, n = readHeader(b); n >= len(b) {
			return s, fmt.Errorf("no header in %d bytes", len(b))
		}
		header, body = b[:n], b[n:]
	}
	s.keyLabel, s.saltLabel = label("SFrame 1.0 Secret key ", keyID), label("SFrame 1.0 Secret salt ", keyID)
	s.aad = append(append([]byte{}, header...), clear...)
	s.bodies = [][]byte{body}
	if len(body) > senderTag {
		s.bodies = append(s.bodies, body[:len(body)-senderTag])
	}
	return s, nil
}

// readHeader reads key id, counter and length of a header. Source: RFC 9605 section 4.3.
func readHeader(b []byte) (keyID, counter uint64, n int) {
	n = 1
	field := func(long bool, low byte) uint64 {
		if !long {
			return uint64(low)
		}
		var v uint64
		for range int(low) + 1 {
			if n < len(b) {
				v = v<<8 | uint64(b[n])
			}
			n++
		}
		return v
	}
	keyID = field(b[0]&0x80 != 0, b[0]>>4&7)
	counter = field(b[0]&8 != 0, b[0]&7)
	return keyID, counter, n
}

// open tells whether secret is what the base key makes. Source: RFC 9605 section 4.4.
func (s *sealed) open(secret []byte) bool {
	key, nonce := keyed(secret, s.keyLabel), keyed(secret, s.saltLabel)
	for i := range 8 {
		nonce[11-i] ^= byte(s.counter >> (8 * i))
	}
	block, err := aes.NewCipher(key[:keyLength])
	if err != nil {
		return false
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return false
	}
	for _, body := range s.bodies {
		if len(body) < gcm.Overhead() {
			continue
		}
		if _, err := gcm.Open(nil, nonce[:12], body, s.aad); err == nil {
			return true
		}
	}
	return false
}

// keyed is HMAC-SHA-256 (RFC 2104) of a short text, in one piece: the test has millions to make. With no key it is the
// extraction of HKDF (RFC 5869 section 2.2), of a text that ends in 1 its expansion to at most 32 bytes (section 2.3).
func keyed(key, text []byte) [sha256.Size]byte {
	var inner, outer [sha256.BlockSize + 64]byte
	for i := range sha256.BlockSize {
		inner[i], outer[i] = 0x36, 0x5c
	}
	for i, v := range key {
		inner[i] ^= v
		outer[i] ^= v
	}
	n := copy(inner[sha256.BlockSize:], text)
	sum := sha256.Sum256(inner[:sha256.BlockSize+n])
	n = copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:sha256.BlockSize+n])
}

// suite is AES_128_GCM_SHA256_128.
const suite = 4

func label(words string, keyID uint64) []byte {
	return append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64([]byte(words), keyID), suite), 1)
}
