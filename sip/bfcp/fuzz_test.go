package bfcp

import (
	"bytes"
	"reflect"
	"testing"
	"time"
)

func seeds(f *testing.F) {
	for _, c := range goldens {
		f.Add(unhex(f, c.bytes))
	}
	for _, p := range Split(longMessage(f, 8), 300) {
		f.Add(p)
	}
}

// FuzzParse: what can be read can be written, and reads the same again.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		for _, r := range m.Requests() {
			_ = r.Attribute()
		}
		_, _, _ = m.Floors(), m.Priority(), m.Info()
		out, err := m.Append(nil)
		if err != nil {
			// Padding that was cut off is written, so that a group at its bound may become too long.
			return
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("%x was written as %x: %v", b, out, err)
		}
		m.Header.Words, again.Header.Words = 0, 0
		if m.Header != again.Header && !m.Fragment || !reflect.DeepEqual(bare(m.Attributes), bare(again.Attributes)) {
			t.Fatalf("%+v became %+v", m, again)
		}
	})
}

// FuzzMachine: whatever datagrams come, a machine answers each at most once, keeps little, and what it says can be read.
func FuzzMachine(f *testing.F) {
	seeds(f)
	f.Add(append(unhex(f, "40010001 00000001 00070002 05040002"), unhex(f, "40020001 00000001 00080002 07040001")...))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), 4096)]
		for _, reliable := range []bool{true, false} {
			chair := &chair{verdict: Verdict{Status: Granted}}
			cfg := DefaultConfig()
			cfg.Conference, cfg.User, cfg.Floors, cfg.Chair = 1, 2, []uint16{2, 543}, chair
			m := newMachine(cfg, reliable)
			now := time.Unix(0, 0)
			var parts Assembly
			for rest := bytes.Clone(b); len(rest) >= HeaderLen; {
				n := min(HeaderLen+4*int(rest[3])+4*int(rest[0]>>3&1), len(rest))
				// The right conference and user, or nothing of the machine is reached.
				copy(rest[4:], []byte{0, 0, 0, 1})
				copy(rest[10:], []byte{0, 2})
				if whole, err := parts.Add(rest[:n]); err == nil && whole != nil {
					m.receive(whole, true, now)
				}
				rest = rest[n:]
				now = now.Add(time.Second)
				if m.tick(now) != nil {
					break
				}
				inspect(t, m)
			}
			m.end()
			if len(chair.held()) != 0 {
				t.Fatalf("%d requests were not released", len(chair.held()))
			}
		}
	})
}

func inspect(t *testing.T, m *machine) {
	if len(m.requests) > maxRequests || len(m.watched) > MaxFloors || len(m.unsaid) > MaxFloors || len(m.out) > 8 {
		t.Fatalf("%d requests, %d and %d floors, %d messages", len(m.requests), len(m.watched), len(m.unsaid), len(m.out))
	}
	var parts Assembly
	for _, b := range m.out {
		whole, err := parts.Add(b)
		if err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		if whole == nil {
			continue
		}
		if _, err := Parse(whole); err != nil {
			t.Fatalf("%x: %v", whole, err)
		}
	}
	m.out = nil
}
