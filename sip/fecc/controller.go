package fecc

import "time"

// Controller moves the camera at the far end: start, continued every 400 ms while it is held, stop.
// Source: ITU-T H.281 clause 4.1.
type Controller struct {
	action Action
	until  time.Time
	next   time.Time
}

// Move holds an action from now on; the one before is stopped first, and one that is the same goes on. The still Action
// stops. Whoever moves must say so again within MaxHold.
func (c *Controller) Move(a Action, now time.Time) []Frame {
	if a == c.action {
		c.until = now.Add(MaxHold)
		return nil
	}
	out := c.stop()
	if a.Still() {
		return out
	}
	c.action, c.until, c.next = a, now.Add(MaxHold), now.Add(Step)
	return append(out, Message{Verb: Start, Action: a, Timeout: DefaultTimeout}.frame())
}

// Tick continues what is held and stops what nobody asked for again, and tells when to call it next; zero for never.
func (c *Controller) Tick(now time.Time) ([]Frame, time.Time) {
	switch {
	case c.action.Still():
		return nil, time.Time{}
	case !now.Before(c.until):
		return c.stop(), time.Time{}
	case now.Before(c.next):
		return nil, earlier(c.next, c.until)
	}
	if c.next = c.next.Add(Step); !c.next.After(now) { // late: no volley of what was missed
		c.next = now.Add(Step)
	}
	return []Frame{Message{Verb: Continue, Action: c.action}.frame()}, earlier(c.next, c.until)
}

// Moving is what is held.
func (c *Controller) Moving() Action { return c.action }

// Select asks for a source; what is held is stopped first.
func (c *Controller) Select(source uint8, mode Mode) []Frame {
	return append(c.stop(), Message{Verb: SelectSource, Number: source & 15, Mode: mode & 3}.frame())
}

// Store keeps what is seen as a preset, Recall goes back to it; what is held is stopped first.
func (c *Controller) Store(preset uint8) []Frame {
	return append(c.stop(), Message{Verb: StorePreset, Number: preset & 15}.frame())
}

// Recall goes to a preset.
func (c *Controller) Recall(preset uint8) []Frame {
	return append(c.stop(), Message{Verb: RecallPreset, Number: preset & 15}.frame())
}

func (c *Controller) stop() []Frame {
	if c.action.Still() {
		return nil
	}
	f := Message{Verb: Stop, Action: c.action}.frame()
	c.action = Action{}
	return []Frame{f}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
