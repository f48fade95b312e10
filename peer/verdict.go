package peer

// Verdict is what LegConfig.Guard says of a packet of sound. The zero value is Alarm.
type Verdict uint8

// Verdicts.
const (
	// Alarm drops it: it is somebody else's, or of a form that no honest client sends. The log tells.
	Alarm Verdict = iota
	// Drop has it not passed on, as happens to honest clients for a moment; it is counted and nothing is said.
	Drop
	// Pass lets it into the room.
	Pass
)
