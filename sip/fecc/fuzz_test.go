package fecc

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzFrame: what can be read can be written, and is the same.
func FuzzFrame(f *testing.F) {
	for _, c := range goldens {
		f.Add(unhex(f, c.bytes))
	}
	f.Add(unhex(f, "007103 0000 0000 00 c0 0200 81 "+capabilityBytes))
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := ParseFrame(b)
		if err != nil {
			return
		}
		out, err := frame.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		b[7] &= 0x7f
		if !bytes.Equal(out, b) {
			t.Fatalf("%x became %x", b, out)
		}
		if m, err := ParseMessage(frame.Data); err == nil {
			again, err := m.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := ParseMessage(again); err != nil || back != m {
				t.Fatalf("%+v became %+v: %v", m, back, err)
			}
			var c Camera
			c.Receive(m, at(0))
			if c.Tick(at(800)); !c.Moving().Still() {
				t.Fatalf("moves on after %+v", m)
			}
		}
		if c, err := ParseCapabilities(frame.Data); err == nil {
			again, err := c.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := ParseCapabilities(again); err != nil || !reflect.DeepEqual(back, c) {
				t.Fatalf("%+v became %+v: %v", c, back, err)
			}
		}
		e := NewExchange(boardroom)
		if out, _ := e.Receive(frame.Data); len(out) > 2 {
			t.Fatalf("%d frames answer one", len(out))
		}
	})
}
