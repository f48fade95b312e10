package card

import (
	"errors"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
)

// calls are those of one stage: the first that hangs takes the Device out, and from then on no stage of it calls any more.
type calls struct {
	device *Device
	thread *ffmpeg.Thread
	hung   bool
}

// Do calls f on the stage's thread. Errors: hwaccel.ErrLost; else those of ffmpeg.Thread.
func (c *calls) Do(f func() error) error {
	if c.device.Lost() > 0 {
		return hwaccel.ErrLost
	}
	err := c.thread.Do(f)
	if errors.Is(err, hwaccel.ErrLost) && !c.hung {
		c.hung = true
		c.device.lost.Add(1)
	}
	return err
}

// Close has the thread free what the stage holds. Nobody waits for a Device that is lost.
func (c *calls) Close(free func()) {
	if c.device.Lost() > 0 {
		c.thread.Leave(free)
		return
	}
	c.thread.Close(free)
}
