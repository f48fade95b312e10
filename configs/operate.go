package configs

// Operate is the operator's own listener: metrics, health and the list of calls. Whoever reaches it needs no password, so
// it belongs on loopback or a network of its own.
type Operate struct {
	// Listen is the address of plain HTTP, host:port; empty for none. Default "127.0.0.1:8445".
	Listen string `yaml:"listen"`
}

// DefaultOperate listens on loopback.
func DefaultOperate() Operate { return Operate{Listen: "127.0.0.1:8445"} }

// Validate lists what is wrong, as faults joined.
func (o Operate) Validate() error {
	if o.Listen == "" {
		return nil
	}
	return address("listen", o.Listen)
}
