package gateway

import (
	"errors"

	"legroom/menu"
	"legroom/rooms"
)

// command does what a caller's keys ask of the room.
func (c *caller) command(command menu.Command) {
	who := c.room.who
	if who == nil {
		return
	}
	switch command {
	case menu.Mute, menu.Unmute:
		who.SetMuted(command == menu.Mute)
	case menu.RaiseHand, menu.LowerHand:
		who.SetHand(command == menu.RaiseHand)
	case menu.CountPeople:
		c.queue = append(c.queue, peopleIn(who.Room().Snapshot()))
	case menu.Lock, menu.Unlock:
		c.outcome(command, who.Lock(command == menu.Lock))
	case menu.MuteAll:
		c.outcome(command, who.MuteAll())
	case menu.TellEncryption:
		c.queue = append(c.queue, c.tellEncryption())
	case menu.AdmitNext:
		if who.Room().Policy().Mode.Encrypted() {
			c.queue = append(c.queue, menu.Outcome{Command: command, Result: c.askHosts()})
			return
		}
		c.outcome(command, who.AdmitNext())
	}
}

func (c *caller) outcome(command menu.Command, err error) {
	result := menu.Failed
	switch {
	case err == nil:
		result = menu.Done
	case errors.Is(err, rooms.ErrNotHost):
		result = menu.NotHost
	case errors.Is(err, rooms.ErrNoParticipant):
		result = menu.Nobody
	}
	c.queue = append(c.queue, menu.Outcome{Command: command, Result: result})
}
