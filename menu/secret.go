package menu

import "log/slog"

// Secret is something a caller keyed in that must reach no log: a PIN, or digits that may become one. Every way of
// printing it shows a mask; string(s) is the only way to the digits.
type Secret string

const mask = "***"

// String gives a mask.
func (Secret) String() string { return mask }

// GoString gives a mask.
func (Secret) GoString() string { return mask }

// LogValue gives a mask (log/slog).
func (Secret) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText gives a mask.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }
