// Package logkey names the keys of structured log lines, so that one thing has one name in every line.
// A key whose value has a unit ends in it: _ms, _bytes, _pkts, _hz.
package logkey

// Keys of log lines.
const (
	Addr        = "addr"
	CallID      = "call_id"
	Codec       = "codec"
	Count       = "count"
	Device      = "device"
	DurationMS  = "duration_ms"
	Epoch       = "epoch"
	Err         = "err"
	Fingerprint = "fingerprint"
	Fix         = "fix"
	From        = "from"
	Kind        = "kind"
	Leg         = "leg"
	Method      = "method"
	Mode        = "mode"
	Participant = "participant"
	Plan        = "plan"
	Reason      = "reason"
	Role        = "role"
	Room        = "room"
	Rule        = "rule"
	SSRC        = "ssrc"
	Security    = "security"
	Source      = "source"
	Status      = "status"
	To          = "to"
	Track       = "track"
	Transport   = "transport"
	User        = "user"
	Video       = "video"
)
