package bfcp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// goldens are the messages of RFC 8855 figures 2 and 3 (user 234, floor 543, floor request 789, conference made up), byte by
// byte by the field layouts of section 5, and one of each other kind. They are written by hand: nothing here made them.
var goldens = []struct {
	name  string
	bytes string // hexadecimal, one field group a word
	want  Message
}{
	{
		"figure 2: FloorRequest",
		"20010001 00000141 007b00ea 0504021f",
		Message{Header{1, false, false, FloorRequest, 1, 321, 123, 234, 0, 0}, []Attribute{newNumber(FloorID, 543)}},
	},
	{
		"figure 2: FloorRequestStatus, pending",
		"20040005 00000141 007b00ea 1f140315 25080315 0b040100 2308021f 0b040100",
		Message{Header{1, false, false, FloorRequestStatus, 5, 321, 123, 234, 0, 0}, []Attribute{
			Request{ID: 789, Floors: []uint16{543}, Status: Pending, Priority: NormalPriority}.Attribute(),
		}},
	},
	{
		"figure 2: FloorRequestStatus, accepted and first in the queue, unasked",
		"20040005 00000141 000000ea 1f140315 25080315 0b040201 2308021f 0b040201",
		Message{Header{1, false, false, FloorRequestStatus, 5, 321, 0, 234, 0, 0}, []Attribute{
			Request{ID: 789, Floors: []uint16{543}, Status: Accepted, Queue: 1, Priority: NormalPriority}.Attribute(),
		}},
	},
	{
		"figure 2: FloorRelease",
		"20020001 00000141 009a00ea 07040315",
		Message{Header{1, false, false, FloorRelease, 1, 321, 154, 234, 0, 0}, []Attribute{newNumber(FloorRequestID, 789)}},
	},
	{
		"figure 3: FloorQuery",
		"20070001 00000141 010100ea 0504021f",
		Message{Header{1, false, false, FloorQuery, 1, 321, 257, 234, 0, 0}, []Attribute{newNumber(FloorID, 543)}},
	},
	{
		"figure 3: FloorStatus with a beneficiary and a name",
		// The name is five letters: 7 bytes, one of padding that the group counts and the attribute does not.
		"20080009 00000141 010100ea 0504021f 1f2002fc 250802fc 0b040201 2308021f 0b040201 1d0c007c 1907416c 69636500",
		Message{Header{1, false, false, FloorStatus, 9, 321, 257, 234, 0, 0}, []Attribute{
			newNumber(FloorID, 543),
			Request{ID: 764, Floors: []uint16{543}, Status: Accepted, Queue: 1, Beneficiary: 124, Name: "Alice", Priority: NormalPriority}.Attribute(),
		}},
	},
	{
		"Hello over UDP",
		"400b0000 fedcba98 00010012",
		Message{Header{2, false, false, Hello, 0, 0xfedcba98, 1, 18, 0, 0}, nil},
	},
	{
		"HelloAck over UDP: R is set",
		"500c0003 fedcba98 00010012 1704010b 15050204 06000000",
		Message{Header{2, true, false, HelloAck, 3, 0xfedcba98, 1, 18, 0, 0}, []Attribute{
			newAttribute(SupportedPrimitives, 1, 11), newAttribute(SupportedAttributes, 2, 4, 6),
		}},
	},
	{
		"Error: unknown mandatory attribute 100",
		"500d0002 fedcba98 00020012 0d0404c8 0f046e6f",
		Message{Header{2, true, false, ErrorMessage, 2, 0xfedcba98, 2, 18, 0, 0}, []Attribute{
			newAttribute(ErrorCodeAttribute, 4, 200), newText(ErrorInfo, "no"),
		}},
	},
	{
		"UserQuery for oneself, optional attribute nobody knows",
		"40050003 00000001 00070002 03040002 c8050102 03000000",
		Message{Header{2, false, false, UserQuery, 3, 1, 7, 2, 0, 0}, []Attribute{
			newNumber(BeneficiaryID, 2), {Type: 100, Value: []byte{1, 2, 3}},
		}},
	},
	{
		"FloorRequest of high priority with a word",
		"40010004 00000001 00080002 05040002 09046000 1106776f 72640000",
		Message{Header{2, false, false, FloorRequest, 4, 1, 8, 2, 0, 0}, []Attribute{
			newNumber(FloorID, 2), newAttribute(PriorityAttribute, 0x60, 0), newText(ParticipantProvidedInfo, "word"),
		}},
	},
	{"FloorRequestStatusAck", "500e0000 00000001 00090002", Message{Header{2, true, false, FloorRequestStatusAck, 0, 1, 9, 2, 0, 0}, nil}},
	{"FloorStatusAck", "500f0000 00000001 000a0002", Message{Header{2, true, false, FloorStatusAck, 0, 1, 10, 2, 0, 0}, nil}},
	{"Goodbye", "40100000 00000001 000b0002", Message{Header{2, false, false, Goodbye, 0, 1, 11, 2, 0, 0}, nil}},
	{"GoodbyeAck", "50110000 00000001 000b0002", Message{Header{2, true, false, GoodbyeAck, 0, 1, 11, 2, 0, 0}, nil}},
	{"ChairActionAck", "200a0000 00000001 000b0002", Message{Header{1, false, false, ChairActionAck, 0, 1, 11, 2, 0, 0}, nil}},
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bare takes the empty groups out, which a parser leaves nil, so that messages can be compared.
func bare(list []Attribute) []Attribute {
	var out []Attribute
	for _, a := range list {
		a.Group = bare(a.Group)
		a.Value = append([]byte{}, a.Value...)
		out = append(out, a)
	}
	return out
}

func TestGoldens(t *testing.T) {
	for _, c := range goldens {
		t.Run(c.name, func(t *testing.T) {
			want := unhex(t, c.bytes)
			got, err := c.want.Append(nil)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("written\n%x, want\n%x: %v", got, want, err)
			}
			m, err := Parse(want)
			if err != nil {
				t.Fatal(err)
			}
			if m.Header != c.want.Header || !reflect.DeepEqual(bare(m.Attributes), bare(c.want.Attributes)) {
				t.Errorf("read\n%+v, want\n%+v", m, c.want)
			}
		})
	}
}

// TestRequests reads what a FloorRequestStatus says, also of endpoints that say less.
func TestRequests(t *testing.T) {
	status := newAttribute(RequestStatus, byte(Granted), 0)
	for name, c := range map[string]struct {
		in   Attribute
		want Status
	}{
		"overall":         {newNumber(FloorRequestInformation, 5, newNumber(OverallRequestStatus, 5, status)), Granted},
		"of a floor":      {newNumber(FloorRequestInformation, 5, newNumber(FloorRequestStatusAttribute, 2, status)), Granted},
		"without a group": {newNumber(FloorRequestInformation, 5), 0},
		"empty overall":   {newNumber(FloorRequestInformation, 5, newNumber(OverallRequestStatus, 5)), 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := Message{Attributes: []Attribute{c.in}}
			if r := m.Requests(); len(r) != 1 || r[0].ID != 5 || r[0].Status != c.want {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		code ErrorCode // 0: not even an error can be answered
	}{
		"nothing":                       {"", 0},
		"half a header":                 {"20010001 0000", 0},
		"fragment without its fields":   {"48010001 00000001 00010001", 0},
		"version 3":                     {"600b0000 00000001 00010001", UnsupportedVersion},
		"longer than it says":           {"200b0000 00000001 00010001 00000000", WrongLength},
		"shorter than it says":          {"200b0002 00000001 00010001 00000000", WrongLength},
		"primitive 0":                   {"20000000 00000001 00010001", UnknownPrimitive},
		"primitive 18":                  {"20120000 00000001 00010001", UnknownPrimitive},
		"attribute of length 0":         {"20010001 00000001 00010001 05000000", Unparsable},
		"attribute of length 1":         {"20010001 00000001 00010001 05010000", Unparsable},
		"attribute over the end":        {"20010001 00000001 00010001 05080001", Unparsable},
		"number of three bytes":         {"20010002 00000001 00010001 05050001 02000000", Unparsable},
		"group without its number":      {"20040001 00000001 00010001 1f020000", Unparsable},
		"attribute over the group":      {"20040002 00000001 00010001 1f080001 05080001", Unparsable},
		"error without a code":          {"200d0001 00000001 00010001 0d020000", Unparsable},
		"three groups in each other":    {"20040003 00000001 00010001 1f0c0001 25080001 1d040001", Unparsable},
		"mandatory and unknown":         {"20010002 00000001 00010001 05040001 c9040000", UnknownMandatoryAttribute},
		"mandatory and unknown, inside": {"20040002 00000001 00010001 1f080001 c9040000", UnknownMandatoryAttribute},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Parse(unhex(t, c.in))
			var bad *MessageError
			switch {
			case c.code == 0 && (!errors.Is(err, ErrShort) || m != nil):
				t.Errorf("%v, want ErrShort", err)
			case c.code != 0 && (!errors.As(err, &bad) || bad.Code != c.code || m == nil || !errors.Is(err, ErrFormat)):
				t.Errorf("%v, want %v", err, c.code)
			}
		})
	}
	if _, err := Parse(unhex(t, "20040002 00000001 00010001 1f070001 19034100")); err != nil {
		t.Errorf("padding cut off at the end of a group: %v", err)
	}
}

func TestAppendRefuses(t *testing.T) {
	long := make([]byte, 254)
	for name, c := range map[string]struct {
		in   []Attribute
		want error
	}{
		"a long value":         {[]Attribute{newAttribute(ErrorInfo, long...)}, ErrTooLarge},
		"a long group":         {[]Attribute{newNumber(FloorRequestInformation, 1, newAttribute(StatusInfo, long[:250]...), newNumber(FloorID, 1))}, ErrTooLarge},
		"a number of one byte": {[]Attribute{newAttribute(FloorID, 1)}, ErrFormat},
		"a group in a number":  {[]Attribute{newNumber(FloorID, 1, newNumber(FloorID, 1))}, ErrFormat},
		"type 128":             {[]Attribute{newAttribute(128)}, ErrFormat},
		"too many":             {slicesOf(newAttribute(ErrorInfo, long[:250]...), 17), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := (&Message{Attributes: c.in}).Append([]byte{7})
			if !errors.Is(err, c.want) || len(b) != 1 {
				t.Errorf("%v and %d bytes", err, len(b))
			}
		})
	}
}

func slicesOf(a Attribute, n int) (out []Attribute) {
	for range n {
		out = append(out, a)
	}
	return out
}
