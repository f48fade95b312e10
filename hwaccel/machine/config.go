package machine

import (
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"legroom/hwaccel/software"
	"legroom/hwaccel/vaapi"
	"legroom/internal/fault"
)

// Config says where Devices are looked for.
type Config struct {
	// Use them. Without it none is looked for, and pictures are passed on where they can be and not made. Default true.
	Use bool `yaml:"use"`
	// Nodes are the render nodes that are tried by VA-API, such as /dev/dri/renderD128; none are all that there are.
	Nodes []string `yaml:"nodes"`
	// VADriver is the name of the VA-API driver of all Nodes; empty lets libva choose by the card.
	VADriver string `yaml:"vaDriver"`
	// Patience with a call into a card's driver; 0 is card.DefaultPatience.
	Patience time.Duration `yaml:"patience"`
	// Software is the processor.
	Software software.Config `yaml:"software"`

	// Log of the search and of FFmpeg; nil is none.
	Log *slog.Logger `yaml:"-"`
}

// DefaultConfig looks everywhere.
func DefaultConfig() Config { return Config{Use: true, Software: software.DefaultConfig()} }

// Validate tells all that is wrong at once.
func (c Config) Validate() error {
	faults := []error{fault.In("software", c.Software.Validate())}
	for _, node := range c.Nodes {
		if !filepath.IsAbs(node) {
			faults = append(faults, fault.At("nodes", "%q is not the path of a render node, such as /dev/dri/renderD128", node))
		}
	}
	if c.Patience < 0 {
		faults = append(faults, fault.At("patience", "%v is below 0", c.Patience))
	}
	return errors.Join(faults...)
}

func (c Config) withDefaults() Config {
	if len(c.Nodes) == 0 {
		c.Nodes = vaapi.Nodes()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Software.Log = c.Log
	return c
}
