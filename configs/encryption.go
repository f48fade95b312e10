package configs

import (
	"time"

	"legroom/internal/fault"
)

// maxKeptLogs bounds Encryption.KeepLogs: ten years.
const maxKeptLogs = 3650 * 24 * time.Hour

// Encryption is what encrypted rooms have in common; what a room promises is set there (RoomSettings.Mode). The key by
// which rooms know this gateway is made at first start and kept in StateDir.
type Encryption struct {
	// KeepLogs is how long the log of a meeting is kept in StateDir after its end: who was in it, and who was given keys of
	// it. 0 keeps none. Default 30d.
	KeepLogs time.Duration `yaml:"keepLogs"`
}

// DefaultEncryption keeps logs for a month.
func DefaultEncryption() Encryption { return Encryption{KeepLogs: 30 * 24 * time.Hour} }

// Validate lists what is wrong, as faults joined.
func (e Encryption) Validate() error {
	if e.KeepLogs < 0 || e.KeepLogs > maxKeptLogs {
		return fault.At("keepLogs", "is %v, must be 0 to 3650d", e.KeepLogs)
	}
	return nil
}
