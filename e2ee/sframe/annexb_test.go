package sframe

import (
	"bytes"
	"testing"
)

func TestEscapeCarriesTheRunOfZeros(t *testing.T) {
	for _, c := range []struct {
		name        string
		lead, b, to string
	}{
		{"nothing", "", "", ""},
		{"no zeros", "01", "010203", "010203"},
		{"start code", "", "000001", "00000301"},
		{"three", "", "000003", "00000303"},
		{"four needs none", "", "000004", "000004"},
		{"many zeros", "", "000000000000", "0000030000030000"},
		{"one zero before", "4100", "000105", "00030105"},
		{"two zeros before", "410000", "0105", "030105"},
		{"two zeros before, and a large byte", "410000", "0501", "0501"},
		{"an escape before ends the run", "41000003", "0001", "0001"},
		{"zeros at the end", "", "050000", "050000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lead, b, want := unhex(t, c.lead), unhex(t, c.b), unhex(t, c.to)
			zeros := trailingZeros(lead)
			got := escape(nil, zeros, b)
			if !bytes.Equal(got, want) {
				t.Errorf("%x, want %x", got, want)
			}
			if back, ok := unescape(nil, zeros, got); !ok || !bytes.Equal(back, b) {
				t.Errorf("came back as %x, %v", back, ok)
			}
		})
	}
}

func TestUnescapeIsStrict(t *testing.T) {
	for _, c := range []struct {
		name  string
		zeros int
		b     string
	}{
		{"start code", 0, "00000105"},
		{"three zeros", 0, "00000005"},
		{"escape missing before 2", 0, "000002"},
		{"escape of a large byte", 0, "00000304"},
		{"escape at the end", 0, "000003"},
		{"second byte of a run before", 1, "0001"},
		{"first byte behind a run", 2, "02"},
		{"escape at the end behind a run", 2, "03"},
	} {
		if got, ok := unescape(nil, c.zeros, unhex(t, c.b)); ok {
			t.Errorf("%s: %x", c.name, got)
		}
	}
}

// naiveEscape escapes byte by byte what follows a lead, and gives both.
func naiveEscape(lead, b []byte) []byte {
	out := bytes.Clone(lead)
	zeros := trailingZeros(lead)
	for _, x := range b {
		if zeros >= 2 && x <= 3 {
			out = append(out, 3)
			zeros = 0
		}
		out = append(out, x)
		zeros++
		if x != 0 {
			zeros = 0
		}
	}
	return out
}
