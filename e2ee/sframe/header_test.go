package sframe

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzHeaderBothWays: where a number is read by one load it is what reading byte by byte gives, before a frame and behind
// one.
func FuzzHeaderBothWays(f *testing.F) {
	for _, h := range []Header{{769, 300}, {8, 8}, {1<<64 - 1, 1<<64 - 1}, {7, 300}, {769, 7}, {0xff00, 1 << 32}} {
		f.Add(h.Append(nil), []byte("what is behind the header, or before it"))
	}
	f.Add([]byte{0x99, 0, 1, 0, 1}, bytes.Repeat([]byte{0xff}, 30))
	f.Fuzz(func(t *testing.T, head, frame []byte) {
		for _, b := range [][]byte{head, append(bytes.Clone(head), frame...)} {
			want, size, wantErr := parseSlowly(b)
			got, n, err := ParseHeader(b)
			if got != want || n != size || !errors.Is(err, wantErr) {
				t.Fatalf("%x: %+v, %d, %v, want %+v, %d, %v", b, got, n, err, want, size, wantErr)
			}
		}
		if len(head) == 0 || len(head) >= trailerMark {
			return
		}
		for _, before := range [][]byte{nil, frame} {
			b := append(append(bytes.Clone(before), head...), trailerMark|byte(len(head)))
			want, size, wantErr := parseSlowly(head)
			got, n, err := trailerHeader(b)
			if good := wantErr == nil && size == len(head); good != (err == nil) || good && (got != want || n != size) {
				t.Fatalf("%x: %+v, %d, %v, want %+v, %d, %v", b, got, n, err, want, size, wantErr)
			}
		}
	})
}
