package bfcp

import "strconv"

// Status of a floor request. Source: RFC 8855 section 5.2.5.
type Status uint8

// States of a floor request.
const (
	Pending Status = iota + 1
	Accepted
	Granted
	Denied
	Cancelled
	Released
	Revoked
)

// String is the name the RFC has for it.
func (s Status) String() string {
	names := [...]string{"pending", "accepted", "granted", "denied", "cancelled", "released", "revoked"}
	if s < Pending || s > Revoked {
		return "status " + strconv.Itoa(int(s))
	}
	return names[s-1]
}

// Over tells that nothing more comes of the request.
func (s Status) Over() bool { return s > Granted }

// may tells whether a request can go from s to next. Source: RFC 8855 section 13.1.
func (s Status) may(next Status) bool {
	switch s {
	case Pending:
		return next > Pending && next <= Cancelled
	case Accepted:
		return next >= Accepted && next <= Cancelled
	case Granted:
		return next == Released || next == Revoked
	default:
		return false
	}
}

// Priority of a floor request. Source: RFC 8855 section 5.2.4.
type Priority uint8

// Priorities. A request that does not say is of NormalPriority.
const (
	LowestPriority Priority = iota
	LowPriority
	NormalPriority
	HighPriority
	HighestPriority
)
