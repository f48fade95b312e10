package bfcp

import (
	"encoding/binary"
	"strconv"
)

// AttributeType is what an attribute says. Source: RFC 8855 section 5.2, table 2.
type AttributeType uint8

// Attribute types.
const (
	BeneficiaryID AttributeType = iota + 1
	FloorID
	FloorRequestID
	PriorityAttribute
	RequestStatus
	ErrorCodeAttribute
	ErrorInfo
	ParticipantProvidedInfo
	StatusInfo
	SupportedAttributes
	SupportedPrimitives
	UserDisplayName
	UserURI
	BeneficiaryInformation
	FloorRequestInformation
	RequestedByInformation
	FloorRequestStatusAttribute
	OverallRequestStatus
)

// String is the name the RFC has for it.
func (t AttributeType) String() string {
	names := [...]string{
		"BENEFICIARY-ID", "FLOOR-ID", "FLOOR-REQUEST-ID", "PRIORITY", "REQUEST-STATUS", "ERROR-CODE", "ERROR-INFO", "PARTICIPANT-PROVIDED-INFO",
		"STATUS-INFO", "SUPPORTED-ATTRIBUTES", "SUPPORTED-PRIMITIVES", "USER-DISPLAY-NAME", "USER-URI", "BENEFICIARY-INFORMATION",
		"FLOOR-REQUEST-INFORMATION", "REQUESTED-BY-INFORMATION", "FLOOR-REQUEST-STATUS", "OVERALL-REQUEST-STATUS",
	}
	if t < BeneficiaryID || t > OverallRequestStatus {
		return "attribute " + strconv.Itoa(int(t))
	}
	return names[t-1]
}

func (t AttributeType) known() bool { return t >= BeneficiaryID && t <= OverallRequestStatus }

// grouped tells that the attribute holds others, behind an identifier of two bytes.
func (t AttributeType) grouped() bool {
	return t >= BeneficiaryInformation && t <= OverallRequestStatus
}

// size is the length of the value: that of an Unsigned16 or OctetString16, or the least of another.
func (t AttributeType) size() (length int, exact bool) {
	switch t {
	case BeneficiaryID, FloorID, FloorRequestID, PriorityAttribute, RequestStatus:
		return 2, true
	case ErrorCodeAttribute:
		return 1, false
	default:
		if t.grouped() {
			return 2, true
		}
		return 0, false
	}
}

// Attribute is one attribute of a message, or one in a group.
// Owner: Value of a parsed message points into the bytes that were parsed.
type Attribute struct {
	// Type of the attribute, 7 bits.
	Type AttributeType
	// Mandatory is the M bit: whoever does not know the type must refuse the message. It says nothing with types of the RFC.
	Mandatory bool
	// Value without header and padding; of a group its identifier: of a user, a floor or a floor request.
	Value []byte
	// Group are the attributes inside.
	Group []Attribute
}

// newAttribute of bytes.
func newAttribute(t AttributeType, value ...byte) Attribute {
	return Attribute{Type: t, Mandatory: true, Value: value}
}

// newNumber is an Unsigned16, or a group with that identifier.
func newNumber(t AttributeType, n uint16, group ...Attribute) Attribute {
	return Attribute{Type: t, Mandatory: true, Value: binary.BigEndian.AppendUint16(nil, n), Group: group}
}

// newText is cut to what fits, between two characters.
func newText(t AttributeType, s string) Attribute {
	return Attribute{Type: t, Mandatory: true, Value: []byte(clip(s, maxName))}
}

// Number is the value of an Unsigned16, or the identifier of a group; 0 for what has none.
func (a Attribute) Number() uint16 {
	if len(a.Value) < 2 {
		return 0
	}
	return binary.BigEndian.Uint16(a.Value)
}

// find gives the first of a type.
func find(list []Attribute, t AttributeType) (Attribute, bool) {
	for _, a := range list {
		if a.Type == t {
			return a, true
		}
	}
	return Attribute{}, false
}
