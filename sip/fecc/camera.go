package fecc

import "time"

// Camera is the far end of a Controller: it knows what its camera is to do now. What does not go on is ended by time, for
// a stop may get lost.
// Source: ITU-T H.281 clause 4.1.
type Camera struct {
	action  Action
	timeout time.Duration
	until   time.Time
}

// Receive takes a message and tells whether the action changed. A start while another action runs takes its place; a
// continuation of another action than the running one changes nothing; a stop stops, whatever it names.
func (c *Camera) Receive(m Message, now time.Time) (changed bool) {
	before := c.action
	switch {
	case m.Verb == Start:
		c.action, c.timeout = m.Action, m.Timeout
		c.until = now.Add(m.Timeout)
	case m.Verb == Continue && m.Action == c.action:
		c.until = now.Add(c.timeout)
	case m.Verb == Stop:
		c.action = Action{}
	}
	return c.action != before
}

// Tick ends what was not continued in time, and tells when to call it next; zero for never.
func (c *Camera) Tick(now time.Time) (changed bool, next time.Time) {
	if c.action.Still() {
		return false, time.Time{}
	}
	if now.Before(c.until) {
		return false, c.until
	}
	c.action = Action{}
	return true, time.Time{}
}

// Moving is what the camera is to do now.
func (c *Camera) Moving() Action { return c.action }
