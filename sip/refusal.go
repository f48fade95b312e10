package sip

import (
	"net/netip"
	"time"
)

// Refusal tells of one call that was turned away before it became a leg, in words an operator can act on.
type Refusal struct {
	// Time of the answer.
	Time time.Time
	// Source the call came from.
	Source netip.AddrPort
	// Transport it came over: "udp", "tcp" or "tls".
	Transport string
	// From is the caller, masked.
	From string
	// To is what was called, masked, without a PIN.
	To string
	// Status that was answered.
	Status int
	// Rule that decided it, in words: "source 203.0.113.7 is in no allow list and sent no credentials".
	Rule string
	// Fix says what an operator would change to let such a call in.
	Fix string
}
