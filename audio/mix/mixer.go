// Package mix makes of many voices what each listener hears: the loudest few, without its own.
package mix

import (
	"sync"

	"legroom/media"
)

// Config of a Mixer.
type Config struct {
	// MaxAudible is how many inputs are heard at once. Default 5.
	MaxAudible int
}

// Mixer is N inputs and N mix-minus outputs on one clock.
type Mixer struct {
	mu    sync.Mutex
	ports []*Port
}

// New makes a Mixer.
func New(cfg Config) *Mixer { return &Mixer{} }

// Step does one tick.
func (m *Mixer) Step() {}

// Open adds a port.
func (m *Mixer) Open(cfg PortConfig) *Port { return &Port{} }

// Share hands the whole mix at rate Hz to sink.
func (m *Mixer) Share(rate int, sink media.Sink[*media.PCM]) (remove func()) { return func() {} }
