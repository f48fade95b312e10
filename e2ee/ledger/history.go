package ledger

import (
	"bytes"

	"legroom/e2ee"
	"legroom/e2ee/replay"
)

// mostStates bounds the epochs with which checkpoints can be compared.
const mostStates = 64

// history is the newest epochs of the log, and of what was taken back.
type history struct {
	states    []*replay.State // consecutive epochs, the newest last
	withdrawn []*replay.State
}

func (h *history) now() *replay.State {
	if len(h.states) == 0 {
		return nil
	}
	return h.states[len(h.states)-1]
}

func (h *history) add(s *replay.State) { h.states = newest(append(h.states, s)) }

func newest(list []*replay.State) []*replay.State {
	if len(list) > mostStates {
		return append([]*replay.State(nil), list[1:]...)
	}
	return list
}

// at gives an epoch; nil when it is not known any more, or not yet.
func (h *history) at(epoch uint64) *replay.State {
	for _, s := range h.states {
		if s.Epoch == epoch {
			return s
		}
	}
	return nil
}

// takeBack goes to an epoch before the newest; false when it is not there.
func (h *history) takeBack(epoch uint64) bool {
	if h.at(epoch) == nil || h.now().Epoch == epoch {
		return false
	}
	for h.now().Epoch > epoch {
		h.withdrawn = newest(append(h.withdrawn, h.now()))
		h.states = h.states[:len(h.states)-1]
	}
	return true
}

// tookBack finds the member whose leaf signed a checkpoint of an epoch that was taken back.
func (h *history) tookBack(c *e2ee.Checkpoint, leaf uint32, signed []byte, sig e2ee.Signature) *replay.Leaf {
	for _, s := range h.withdrawn {
		if l := s.Leaf(leaf); l != nil && same(c, s) && e2ee.VerifyCheckpoint(signed, l.Key, sig) {
			return l
		}
	}
	return nil
}

// same tells whether a checkpoint is of this very state.
func same(c *e2ee.Checkpoint, s *replay.State) bool {
	return c.Epoch == s.Epoch && bytes.Equal(c.Transcript, s.Transcript()) && c.Tree == s.TreeHash() && c.Room == s.RoomHash()
}
