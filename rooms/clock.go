package rooms

// Clock steps rooms and booths every 20 ms; internal/clock.Clock is one.
type Clock interface {
	// AddSkipping has step called every period until remove is called, which returns when step is not running any more.
	// skip tells of periods that are left out after a stall.
	AddSkipping(step func(), skip func(periods int)) (remove func())
}
