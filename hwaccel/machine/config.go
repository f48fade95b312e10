package machine

import (
	"log/slog"
	"time"

	"legroom/hwaccel/software"
	"legroom/hwaccel/vaapi"
)

// Config says where Devices are looked for.
type Config struct {
	// Nodes are the render nodes that are tried by VA-API; nil are all that there are.
	Nodes []string
	// VADriver is the name of the VA-API driver of all Nodes; empty lets libva choose by the card.
	VADriver string
	// Patience with a call into a card's driver; 0 is card.DefaultPatience.
	Patience time.Duration
	// Software is the processor.
	Software software.Config
	// Log of the search and of FFmpeg; nil is none.
	Log *slog.Logger
}

// DefaultConfig looks everywhere.
func DefaultConfig() Config { return Config{Software: software.DefaultConfig()} }

func (c Config) withDefaults() Config {
	if c.Nodes == nil {
		c.Nodes = vaapi.Nodes()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Software.Log = c.Log
	return c
}
