package bfcp

import "strconv"

// ErrorCode is why a request was not served. Source: RFC 8855 section 5.2.6, table 5.
type ErrorCode uint8

// Error codes.
const (
	NoSuchConference ErrorCode = iota + 1
	NoSuchUser
	UnknownPrimitive
	UnknownMandatoryAttribute
	Unauthorized
	InvalidFloor
	NoSuchRequest
	TooManyRequests
	UseTLS
	Unparsable
	UseDTLS
	UnsupportedVersion
	WrongLength
	GenericError
)

// String says it in words.
func (c ErrorCode) String() string {
	words := [...]string{
		"no such conference", "no such user", "unknown primitive", "unknown mandatory attribute", "not allowed", "no such floor",
		"no such floor request", "too many floor requests", "use TLS", "cannot be read", "use DTLS", "version not supported",
		"wrong length", "error",
	}
	if c < NoSuchConference || c > GenericError {
		return "error " + strconv.Itoa(int(c))
	}
	return words[c-1]
}
