package rooms_test

import (
	"errors"
	"testing"

	"legroom/internal/fault"
	"legroom/rooms"
)

func TestDefaultsAreValid(t *testing.T) {
	is(t, rooms.DefaultConfig().Validate(), nil)
	is(t, rooms.DefaultPolicy("1000").Validate(), nil)
}

// TestFaults: every field out of its range is named, all of them at once.
func TestFaults(t *testing.T) {
	cfg := rooms.Config{MaxAudible: 0, AudioTracks: 65, OpusBitrate: 1, OpusComplexity: 11}
	policy := rooms.Policy{Number: "12a", Capacity: -1, Owner: "Anna"}
	of := func(mode rooms.Mode, capacity int) error {
		p := rooms.DefaultPolicy("1")
		p.Mode, p.Capacity = mode, capacity
		return p.Validate()
	}
	for name, c := range map[string]struct {
		err   error
		paths []string
	}{
		"config": {cfg.Validate(), []string{"maxAudible", "audioTracks", "opusBitrate", "opusComplexity", "pictureHeight"}},
		"policy": {policy.Validate(), []string{"number", "mode", "maxScope", "vetoRule", "owner", "capacity"}},

		"sealed, the most that fit":  {of(rooms.Sealed, 200), nil},
		"sealed, too many":           {of(rooms.Sealed, 201), []string{"capacity"}},
		"mixed, no bound of its own": {of(rooms.Mixed, 0), nil},
		"open, more than encryption": {of(rooms.Open, 1000), nil},
		"open, no bound":             {of(rooms.Open, 0), nil},
	} {
		t.Run(name, func(t *testing.T) {
			all := fault.All(c.err)
			if len(all) != len(c.paths) {
				t.Fatalf("faults %v, want of %v", c.err, c.paths)
			}
			for i, f := range all {
				var one *fault.Fault
				if f.Path != c.paths[i] || !errors.As(error(f), &one) {
					t.Errorf("fault %d is of %q, want of %q", i, f.Path, c.paths[i])
				}
			}
		})
	}
}

// TestNames: the words of the signalling protocol.
func TestNames(t *testing.T) {
	for want, got := range map[string]interface{ String() string }{
		"browser": rooms.Browser, "phone": rooms.Phone, "roomSystem": rooms.RoomSystem, "recorder": rooms.Recorder,
		"guest": rooms.Guest, "host": rooms.Host, "waiting": rooms.Waiting, "joined": rooms.Joined, "left": rooms.Left,
		"clear": rooms.HopClear, "sdes": rooms.HopSDES, "sdesKeyInClear": rooms.HopSDESKeyInClear, "dtls": rooms.HopDTLS,
		"open": rooms.Open, "mixed": rooms.Mixed, "sealed": rooms.Sealed, "unknown": rooms.LegKind(99),
	} {
		if got.String() != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	var m rooms.Mode
	is(t, m.UnmarshalText([]byte("open")), nil)
	if text, _ := m.MarshalText(); string(text) != "open" || m.UnmarshalText([]byte("shut")) == nil {
		t.Errorf("mode %q; and another word must be refused", text)
	}
}
