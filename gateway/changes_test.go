package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"legroom/gateway/api"
	"legroom/menu"
	"legroom/rooms"
	"legroom/sip"
)

func TestChanges(t *testing.T) {
	me := rooms.Info{ID: "me", Kind: rooms.Phone, State: rooms.Joined}
	with := func(change func(*rooms.Info)) rooms.Info { i := me; change(&i); return i }
	host := with(func(i *rooms.Info) { i.Role = rooms.Host })
	knock := rooms.Info{ID: "other", State: rooms.Waiting}
	snapshot := func(locked bool, p ...rooms.Info) *rooms.Snapshot {
		return &rooms.Snapshot{Locked: locked, Participants: p}
	}
	for name, c := range map[string]struct {
		before, after *rooms.Snapshot
		want          []menu.Event
	}{
		"nothing": {snapshot(false, me), snapshot(false, me), nil},
		"muted by host": {snapshot(false, me), snapshot(false, with(func(i *rooms.Info) { i.Muted, i.MutedByHost = true, true })),
			[]menu.Event{menu.MuteChanged{Muted: true, ByHost: true}}},
		"unmuted": {snapshot(false, with(func(i *rooms.Info) { i.Muted, i.MutedByHost = true, true })), snapshot(false, me),
			[]menu.Event{menu.MuteChanged{}}},
		"locked":     {snapshot(false, me), snapshot(true, me), []menu.Event{menu.LockChanged{Locked: true}}},
		"made host":  {snapshot(false, me), snapshot(false, host), []menu.Event{menu.RoleChanged{Host: true}}},
		"made guest": {snapshot(false, host), snapshot(false, me), []menu.Event{menu.RoleChanged{}}},
		"knock":      {snapshot(false, host), snapshot(false, host, knock), []menu.Event{menu.SomebodyWaits{}}},
		"old knock":  {snapshot(false, host, knock), snapshot(false, host, knock), nil},
		"not a host": {snapshot(false, me), snapshot(false, me, knock), nil},
		"while waiting": {snapshot(false, with(func(i *rooms.Info) { i.State = rooms.Waiting })),
			snapshot(true, with(func(i *rooms.Info) { i.State = rooms.Waiting })), nil},
		"gone": {snapshot(false, me), snapshot(true), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := changesOf(c.before, c.after, "me", true); !reflect.DeepEqual(got, c.want) {
				t.Fatalf("%v, want %v", got, c.want)
			}
		})
	}
	people := peopleIn(snapshot(false, me, host, knock, rooms.Info{State: rooms.Joined, Kind: rooms.Browser}))
	if people != (menu.People{All: 3, Phones: 2}) {
		t.Errorf("people %+v", people)
	}
}

func TestCauses(t *testing.T) {
	for err, want := range map[error]menu.Cause{
		rooms.ErrFull: menu.CauseFull, rooms.ErrLocked: menu.CauseLocked, rooms.ErrBanned: menu.CauseBanned, rooms.ErrDenied: menu.CauseDenied,
		rooms.ErrRemoved: menu.CauseRemoved, rooms.ErrRoomClosed: menu.CauseRoomClosed, rooms.ErrClosing: menu.CauseDraining,
		rooms.ErrNoRoom: menu.CauseRoomClosed, api.ErrDraining: menu.CauseDraining, errors.New("odd"): menu.CauseInternal,
	} {
		if got := causeOf(fmt.Errorf("join: %w", err)); got != want {
			t.Errorf("%v gives %v, want %v", err, got, want)
		}
	}
}

func TestLedgerKeepsTheLast(t *testing.T) {
	l := newLedger(3, slog.New(slog.DiscardHandler))
	for i := range 5 {
		l.keepRefusal(sip.Refusal{Time: time.Unix(int64(i), 0), Status: 480 + i%2, Cause: "busy", Rule: fmt.Sprint(i)})
	}
	var got []string
	for _, r := range l.Refused() {
		got = append(got, r.Rule)
	}
	if !reflect.DeepEqual(got, []string{"4", "3", "2"}) {
		t.Fatalf("kept %v", got)
	}
	if n := l.refusals(); len(n) != 2 || n[refusalKind{480, "busy"}] != 3 || n[refusalKind{481, "busy"}] != 2 {
		t.Fatalf("counted %v", n)
	}
	none := newLedger(0, slog.New(slog.DiscardHandler))
	none.keepRefusal(sip.Refusal{})
	if len(none.Refused()) != 0 {
		t.Fatal("kept what was not to be kept")
	}
}

func TestNameOf(t *testing.T) {
	for display, want := range map[string]string{
		"Ann Baker": "Ann Baker", "": "+49 *** 6789", "+4930123456789": "+49 *** 6789", "030 1234": "+49 *** 6789", "Room 12": "Room 12",
	} {
		if got := nameOf(sip.Party{User: "+4930123456789", Display: display}); got != want {
			t.Errorf("%q is shown as %q, want %q", display, got, want)
		}
	}
}
