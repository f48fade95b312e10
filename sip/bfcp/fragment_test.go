package bfcp

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func longMessage(t testing.TB, requests int) []byte {
	t.Helper()
	m := Message{Header: Header{Version: 2, Primitive: FloorStatus, Conference: 9, Transaction: 3, User: 4}}
	for i := range requests {
		m.Attributes = append(m.Attributes, Request{ID: uint16(i + 1), Floors: []uint16{2}, Status: Granted, Name: "somebody", Beneficiary: 8}.Attribute())
	}
	b, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSplit cuts a message by hand: 12 bytes of payload, 4 in a datagram of 23 at most.
func TestSplit(t *testing.T) {
	whole := unhex(t, "40070003 00000001 00070002 05040001 05040002 05040003")
	got := Split(whole, 23)
	want := [][]byte{
		unhex(t, "48070003 00000001 00070002 00000001 05040001"),
		unhex(t, "48070003 00000001 00070002 00010001 05040002"),
		unhex(t, "48070003 00000001 00070002 00020001 05040003"),
	}
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%x", got)
	}
	if got := Split(whole, len(whole)); len(got) != 1 || !bytes.Equal(got[0], whole) {
		t.Errorf("what fits was cut: %x", got)
	}
}

func TestAssembly(t *testing.T) {
	whole := longMessage(t, 20)
	parts := Split(whole, 200)
	if len(parts) < 4 {
		t.Fatalf("%d parts", len(parts))
	}
	orders := map[string][]int{"in order": {0, 1, 2}, "the last first": {2, 0, 1}, "some twice": {0, 0, 2, 2, 1}}
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			var a Assembly
			var got []byte
			for _, i := range order {
				if b, err := a.Add(parts[i]); b != nil || err != nil {
					t.Fatalf("part %d: %x, %v", i, b, err)
				}
			}
			for _, p := range parts[3:] {
				b, err := a.Add(p)
				if err != nil {
					t.Fatal(err)
				}
				got = b
			}
			if !bytes.Equal(got, whole) {
				t.Errorf("%x\nis not\n%x", got, whole)
			}
		})
	}
	t.Run("another message between", func(t *testing.T) {
		var a Assembly
		other := bytes.Clone(parts[1])
		other[9]++ // transaction
		for _, p := range [][]byte{parts[0], other} {
			if b, err := a.Add(p); b != nil || err != nil {
				t.Fatal(b, err)
			}
		}
		for _, p := range parts[1:] {
			if b, _ := a.Add(p); b != nil {
				t.Errorf("made of two messages: %x", b)
			}
		}
	})
}

func TestAssemblyRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		in  string
		err error
	}{
		"short":             {"4807", ErrShort},
		"empty":             {"48070002 00000001 00070002 00000000", ErrFormat},
		"over the end":      {"48070002 00000001 00070002 00020001 05040001", ErrFormat},
		"less than it says": {"48070002 00000001 00070002 00000002 05040001", ErrFormat},
		"of a huge message": {"4807ffff 00000001 00070002 00000001 05040001", ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			var a Assembly
			if b, err := a.Add(unhex(t, c.in)); b != nil || !errors.Is(err, c.err) {
				t.Errorf("%x, %v", b, err)
			}
			if a.buf != nil {
				t.Error("something is kept")
			}
		})
	}
}
