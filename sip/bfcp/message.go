package bfcp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Message is one message, whole.
type Message struct {
	// Header of it. Words is set when the message is written.
	Header
	// Attributes in the order they came.
	Attributes []Attribute
}

// Number gives the value of the first attribute of a type, for attributes that are a number or begin with one, and
// whether it is there.
func (m *Message) Number(t AttributeType) (uint16, bool) {
	a, ok := find(m.Attributes, t)
	return a.Number(), ok
}

// Floors are the values of all FLOOR-ID attributes, each once.
func (m *Message) Floors() []uint16 {
	var out []uint16
	for _, a := range m.Attributes {
		if a.Type == FloorID && !contains(out, a.Number()) {
			out = append(out, a.Number())
		}
	}
	return out
}

// Priority of a FloorRequest. Source: RFC 8855 section 5.2.4: three bits, and values not known are of normal priority.
func (m *Message) Priority() Priority {
	a, ok := find(m.Attributes, PriorityAttribute)
	if !ok || len(a.Value) == 0 || Priority(a.Value[0]>>5) > HighestPriority {
		return NormalPriority
	}
	return Priority(a.Value[0] >> 5)
}

// Info is what the participant says of a FloorRequest, text for people without control characters; empty when it says
// nothing.
func (m *Message) Info() string {
	a, _ := find(m.Attributes, ParticipantProvidedInfo)
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(a.Value), ""))
	return clip(text, maxName)
}

// Code of an Error message; 0 when there is none.
func (m *Message) Code() ErrorCode {
	a, ok := find(m.Attributes, ErrorCodeAttribute)
	if !ok || len(a.Value) == 0 {
		return 0
	}
	return ErrorCode(a.Value[0])
}

// Request is what a FLOOR-REQUEST-INFORMATION says.
type Request struct {
	// ID of the floor request.
	ID uint16
	// Floors it is for.
	Floors []uint16
	// Status of the whole; 0 when it does not say.
	Status Status
	// Queue is the place in the line of an accepted request, 1 the next; 0 when it is not said.
	Queue uint8
	// Beneficiary is the user the floor is for; 0 when it does not say.
	Beneficiary uint16
	// Name of the beneficiary, text for people.
	Name string
	// Info is what a chair says to it, text for people.
	Info string
	// Priority of the request.
	Priority Priority
}

// Requests are all FLOOR-REQUEST-INFORMATION attributes. Where the status of the whole is missing, as some endpoints have
// it, that of the first floor stands for it.
// Source: RFC 8855 sections 5.2.15 to 5.2.18.
func (m *Message) Requests() []Request {
	var out []Request
	for _, a := range m.Attributes {
		if a.Type == FloorRequestInformation {
			out = append(out, readRequest(a))
		}
	}
	return out
}

func readRequest(info Attribute) Request {
	r := Request{ID: info.Number(), Priority: NormalPriority}
	for _, a := range info.Group {
		switch a.Type {
		case OverallRequestStatus:
			r.Status, r.Queue = readStatus(a)
			text, _ := find(a.Group, StatusInfo)
			r.Info = string(text.Value)
		case BeneficiaryInformation:
			r.Beneficiary = a.Number()
			text, _ := find(a.Group, UserDisplayName)
			r.Name = string(text.Value)
		case FloorRequestStatusAttribute:
			r.Floors = append(r.Floors, a.Number())
		case PriorityAttribute:
			r.Priority = (&Message{Attributes: info.Group}).Priority()
		}
	}
	if each, ok := find(info.Group, FloorRequestStatusAttribute); ok && r.Status == 0 {
		r.Status, r.Queue = readStatus(each)
	}
	return r
}

func readStatus(group Attribute) (Status, uint8) {
	a, ok := find(group.Group, RequestStatus)
	if !ok || len(a.Value) < 2 {
		return 0, 0
	}
	return Status(a.Value[0]), a.Value[1]
}

// Attribute is the FLOOR-REQUEST-INFORMATION of r. The status is said of the whole and of each floor: endpoints look for
// it in one place or the other.
func (r Request) Attribute() Attribute {
	status := newAttribute(RequestStatus, byte(r.Status), r.Queue)
	overall := newNumber(OverallRequestStatus, r.ID, status)
	if r.Info != "" {
		overall.Group = append(overall.Group, newText(StatusInfo, r.Info))
	}
	info := newNumber(FloorRequestInformation, r.ID, overall)
	for _, f := range r.Floors {
		info.Group = append(info.Group, newNumber(FloorRequestStatusAttribute, f, status))
	}
	if r.Beneficiary != 0 {
		who := newNumber(BeneficiaryInformation, r.Beneficiary)
		if r.Name != "" {
			who.Group = append(who.Group, newText(UserDisplayName, r.Name))
		}
		info.Group = append(info.Group, who)
	}
	if r.Priority != NormalPriority {
		info.Group = append(info.Group, newAttribute(PriorityAttribute, byte(r.Priority)<<5, 0))
	}
	return info
}

// clip cuts text to n bytes, between two characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func contains(list []uint16, n uint16) bool {
	for _, v := range list {
		if v == n {
			return true
		}
	}
	return false
}
