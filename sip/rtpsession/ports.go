package rtpsession

// Ports hands out pairs of UDP ports to all sessions of a process. Safe for use by many goroutines.
type Ports struct{}

// NewPorts makes one for the range of cfg.
func NewPorts(cfg Config) *Ports { return &Ports{} }
