package mlsread_test

import (
	"bytes"
	"testing"

	"legroom/e2ee/mlsread"
)

func TestReader(t *testing.T) {
	r := mlsread.New([]byte{1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 1, 2, 0xaa, 0xbb, 0xcc})
	if r.U8() != 1 || r.U16() != 2 || r.U32() != 3 || r.U64() != 4 || !r.Flag() || !bytes.Equal(r.Vector(), []byte{0xaa, 0xbb}) {
		t.Error("read wrongly")
	}
	if r.Done() || !bytes.Equal(r.Rest(), []byte{0xcc}) || !bytes.Equal(r.Bytes(1), []byte{0xcc}) || !r.Done() {
		t.Error("the end is elsewhere")
	}
	if r.U8() != 0 || !r.Failed() || r.Done() {
		t.Error("read beyond the end")
	}
}

func TestVector(t *testing.T) {
	long := append([]byte{0x40, 64}, make([]byte, 64)...)
	for name, test := range map[string]struct {
		in   []byte
		size int
		ok   bool
	}{
		"empty": {[]byte{0}, 0, true}, "short": {[]byte{1, 7}, 1, true}, "two bytes of length": {long, 64, true},
		"could be shorter": {append([]byte{0x40, 63}, make([]byte, 63)...), 0, false}, "four for two": {[]byte{0x80, 0, 0, 1, 7}, 0, false},
		"eight": {[]byte{0xc0, 0, 0, 0, 0, 0, 0, 1, 7}, 0, false}, "cut": {[]byte{2, 7}, 0, false}, "cut length": {[]byte{0x40}, 0, false},
		"huge": {[]byte{0xbf, 0xff, 0xff, 0xff}, 0, false},
	} {
		r := mlsread.New(test.in)
		if got := r.Vector(); len(got) != test.size || r.Done() != test.ok {
			t.Errorf("%s: %d bytes, done %v", name, len(got), r.Done())
		}
	}
}

func TestEach(t *testing.T) {
	for name, test := range map[string]struct {
		in   []byte
		want int
		ok   bool
	}{"two": {[]byte{2, 5, 6}, 11, true}, "none": {[]byte{0}, 0, true}, "broken": {[]byte{3, 5, 6}, 0, false}} {
		r, sum := mlsread.New(test.in), 0
		r.Each(func(items *mlsread.Reader) { sum += int(items.U8()) })
		if sum != test.want || r.Done() != test.ok {
			t.Errorf("%s: %d, done %v", name, sum, r.Done())
		}
	}
	r := mlsread.New([]byte{3, 5, 6, 7})
	r.Each(func(items *mlsread.Reader) { items.U16() })
	if r.Done() {
		t.Error("an item was cut")
	}
	if flag := mlsread.New([]byte{2}); flag.Flag() || flag.Done() {
		t.Error("a flag of 2")
	}
}
