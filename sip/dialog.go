package sip

import (
	"context"
	"net/netip"
)

// Dialog is one call (RFC 3261 section 12), placed or taken.
type Dialog struct{}

// CallID of the call.
func (d *Dialog) CallID() string { return "" }

// From is the one who calls; for a call placed by us, ourselves.
func (d *Dialog) From() Party { return Party{} }

// To is the one who is called, as the To header names it.
func (d *Dialog) To() Party { return Party{} }

// Called is the user part of the Request-URI, unescaped: what was dialled. It may carry a PIN: never log it unmasked.
func (d *Dialog) Called() string { return "" }

// Source is where the call's first message came from, or the address called.
func (d *Dialog) Source() netip.AddrPort { return netip.AddrPort{} }

// Transport is "udp", "tcp" or "tls".
func (d *Dialog) Transport() string { return "" }

// User is the digest user who placed the call, empty where none was asked.
func (d *Dialog) User() string { return "" }

// Ring sends 180 Ringing. Errors: ErrState once it was answered or has ended.
func (d *Dialog) Ring() error { return ErrState }

// Answer sends 200 with our description and makes the Leg. It returns when the other side has acknowledged, so media may
// flow, except where the offer came with the call: then at once. Errors: the cause for which the call was refused.
func (d *Dialog) Answer(ctx context.Context) (*Leg, error) { return nil, ErrState }

// Reject refuses a call that is not answered yet with StatusOf(cause).
func (d *Dialog) Reject(cause error) error { return ErrState }

// Hangup ends the call whatever its state: final answer, CANCEL or BYE with StatusOf(cause) as reason. Idempotent.
func (d *Dialog) Hangup(cause error) error { return ErrState }

// Done is closed when the call has ended.
func (d *Dialog) Done() <-chan struct{} { return nil }

// Cause tells why the call ended; nil while it lives.
func (d *Dialog) Cause() error { return nil }
