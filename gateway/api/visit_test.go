package api

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"legroom/media"
	"legroom/peer"
	"legroom/rooms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func info(id string, change ...func(*rooms.Info)) rooms.Info {
	i := rooms.Info{ID: id, Name: "Name " + id, Kind: rooms.Browser, State: rooms.Joined, Security: rooms.HopDTLS, Joined: time.UnixMilli(5)}
	for _, f := range change {
		f(&i)
	}
	return i
}

func waiting(i *rooms.Info) { i.State, i.Joined = rooms.Waiting, time.Time{} }
func hosting(i *rooms.Info) { i.Role = rooms.Host }

func snapshot(p ...rooms.Info) *rooms.Snapshot {
	return &rooms.Snapshot{Revision: 9, Number: "1000", Name: "Demo", Mode: rooms.Open, Participants: p}
}

func ids(r *Roster) string {
	var out []string
	for _, p := range r.Participants {
		out = append(out, p.ID)
	}
	return strings.Join(out, " ")
}

func TestRosterShowsWhatOneMayKnow(t *testing.T) {
	s := snapshot(info("host", hosting), info("guest"), info("late", waiting), info("later", waiting))
	for viewer, want := range map[string]string{"host": "host guest late later", "guest": "host guest", "late": "late", "nobody": ""} {
		if got := ids(rosterOf(s, viewer)); got != want {
			t.Errorf("%s knows of %q, want %q", viewer, got, want)
		}
	}
	if positionOf(s, "later") != 2 || positionOf(s, "guest") != 0 {
		t.Error("positions in the lobby")
	}
	s = snapshot(
		info("b", func(i *rooms.Info) { i.Sender = &rooms.Sender{Leaf: 3} }),
		info("p", func(i *rooms.Info) { i.Sender = &rooms.Sender{Grant: 2, Line: 1} }))
	browser, phone := rosterOf(s, "b").Participants[0], rosterOf(s, "b").Participants[1]
	if browser.Leaf == nil || *browser.Leaf != 3 || browser.Grant != nil || browser.Line != nil {
		t.Errorf("browser sends as %v", browser)
	}
	if phone.Leaf != nil || phone.Grant == nil || *phone.Grant != 2 || phone.Line == nil || *phone.Line != 1 {
		t.Errorf("phone sends as %v", phone)
	}
	r := rosterOf(snapshot(info("a", func(i *rooms.Info) {
		i.Hand, i.HandSince, i.Sources = true, time.UnixMilli(7), []media.Source{media.Camera}
	})), "a")
	if p := r.Participants[0]; p.Hand != 7 || p.JoinedAt != 5 || !reflect.DeepEqual(p.Sources, []Source{SourceCamera}) {
		t.Errorf("participant %+v", p)
	}
}

// TestChangesRebuildTheRoster applies each change as a client does: the result is the roster it was made for.
func TestChangesRebuildTheRoster(t *testing.T) {
	anyRoster := rapid.Custom(func(t *rapid.T) *Roster {
		r := &Roster{Room: RoomInfo{Locked: rapid.Bool().Draw(t, "locked")}, Participants: []Participant{}}
		for _, id := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), rapid.ID).Draw(t, "ids") {
			r.Participants = append(r.Participants, Participant{ID: id, Muted: rapid.Bool().Draw(t, "muted"),
				Sources: rapid.SliceOfN(rapid.SampledFrom([]Source{SourceCamera, SourceScreen}), 0, 2).Draw(t, "sources"),
				Leaf:    rapid.Ptr(rapid.Uint32Range(0, 2), true).Draw(t, "leaf"), Line: rapid.Ptr(rapid.Uint16Range(0, 2), true).Draw(t, "line")})
		}
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		before, after := anyRoster.Draw(t, "before"), anyRoster.Draw(t, "after")
		got := map[string]Participant{}
		for _, p := range before.Participants {
			got[p.ID] = p
		}
		room := before.Room
		if c := changeOf(before, after); c != nil {
			for _, p := range c.Upsert {
				got[p.ID] = p
			}
			for _, id := range c.Gone {
				delete(got, id)
			}
			if c.Room != nil {
				room = *c.Room
			}
		}
		if room != after.Room || len(got) != len(after.Participants) {
			t.Fatalf("room %+v, %d participants", room, len(got))
		}
		for _, p := range after.Participants {
			if !sameParticipant(got[p.ID], p) {
				t.Fatalf("%+v, want %+v", got[p.ID], p)
			}
		}
	})
}

func TestNoNewsIsNoMessage(t *testing.T) {
	s := snapshot(info("a"), info("b"))
	if c := changeOf(rosterOf(s, "a"), rosterOf(s, "a")); c != nil {
		t.Errorf("change %+v", c)
	}
}

func TestNotices(t *testing.T) {
	for name, c := range map[string]struct {
		before, after *rooms.Snapshot
		want          string
	}{
		"nothing":       {snapshot(info("me")), snapshot(info("me")), ""},
		"muted by host": {snapshot(info("me")), snapshot(info("me", func(i *rooms.Info) { i.Muted, i.MutedByHost = true, true })), "mutedByHost"},
		"made host":     {snapshot(info("me")), snapshot(info("me", hosting)), "madeHost"},
		"joined":        {snapshot(info("me")), snapshot(info("me"), info("b")), "joined b"},
		"left":          {snapshot(info("me"), info("b")), snapshot(info("me")), "left b"},
		"hand":          {snapshot(info("me"), info("b")), snapshot(info("me"), info("b", func(i *rooms.Info) { i.Hand, i.HandSince = true, time.UnixMilli(1) })), "handRaised b"},
		"own hand":      {snapshot(info("me")), snapshot(info("me", func(i *rooms.Info) { i.Hand, i.HandSince = true, time.UnixMilli(1) })), ""},
		"knock":         {snapshot(info("me", hosting)), snapshot(info("me", hosting), info("b", waiting)), "waitingInLobby b"},
		"knock unseen":  {snapshot(info("me")), snapshot(info("me"), info("b", waiting)), ""},
		"let in":        {snapshot(info("me", hosting), info("b", waiting)), snapshot(info("me", hosting), info("b")), "joined b"},
		"own entry":     {snapshot(info("me", waiting), info("b")), snapshot(info("me"), info("b")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, n := range noticesOf(rosterOf(c.before, "me"), rosterOf(c.after, "me"), "me") {
				got = append(got, strings.TrimSpace(string(n.Code)+" "+n.Participant))
			}
			if strings.Join(got, ", ") != c.want {
				t.Fatalf("notices %q, want %q", got, c.want)
			}
		})
	}
	locked := snapshot(info("me"))
	locked.Locked = true
	if n := noticesOf(rosterOf(snapshot(info("me")), "me"), rosterOf(locked, "me"), "me"); len(n) != 1 || n[0].Code != NoticeLocked {
		t.Errorf("notices %v", n)
	}
}

func TestLevels(t *testing.T) {
	got := levelsOf([]rooms.LevelOf{{Participant: "a", Level: 20}, {Participant: "b", Level: 127}, {Participant: "c", Level: quietest}})
	want := &Levels{Speaker: "a", Items: []LevelItem{{"a", 20}, {"c", int(quietest)}}}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("levels %+v, want %+v", got, want)
	}
	quiet := levelsOf([]rooms.LevelOf{{Participant: "a", Level: 127}})
	if quiet.Speaker != "" || len(quiet.Items) != 0 || !sameLevels(quiet, levelsOf(nil)) || sameLevels(nil, quiet) || sameLevels(got, quiet) {
		t.Fatalf("quiet room %+v", quiet)
	}
}

func TestEveryCauseHasItsCode(t *testing.T) {
	for err, want := range map[error]CloseCode{
		nil: CloseLeft, ErrLeft: CloseLeft, ErrBadHello: CloseBadHello, ErrBadLink: CloseBadLink, ErrThrottled: CloseThrottled,
		ErrDraining: CloseDraining, ErrMediaLost: CloseMediaLost, ErrReplaced: CloseReplaced, ErrFaulty: CloseProtocol,
		rooms.ErrNoRoom: CloseBadLink, rooms.ErrFull: CloseFull, rooms.ErrLocked: CloseLocked, rooms.ErrBanned: CloseBanned,
		rooms.ErrRevoked: CloseRevoked, rooms.ErrReplaced: CloseReplaced,
		rooms.ErrDenied: CloseDenied, rooms.ErrRemoved: CloseRemoved, rooms.ErrRoomClosed: CloseRoomClosed, rooms.ErrClosing: CloseRoomClosed,
		peer.ErrTimeout: CloseMediaLost, peer.ErrRemoteClosed: CloseMediaLost, errors.New("odd"): CloseInternal,
	} {
		if err != nil {
			err = fmt.Errorf("wrapped: %w", err)
		}
		if got := CloseCodeOf(err); got != want {
			t.Errorf("%v closes with %d, want %d", err, got, want)
		}
	}
	for _, e := range endings() {
		if e.bye.CloseCode() != e.close || e.bye.Words() == "" {
			t.Errorf("ending %+v", e)
		}
	}
}

func TestErrorCodes(t *testing.T) {
	for err, want := range map[error]ErrorCode{
		&MessageError{Msg: "x"}: ErrorBadMessage, rooms.ErrNotHost: ErrorNotHost, rooms.ErrNoParticipant: ErrorNoParticipant,
		rooms.ErrEncrypted: ErrorEncrypted, peer.ErrNoRoomCodec: ErrorNoRoomCodec, ErrNoMeeting: ErrorBadMessage,
		rooms.ErrWaiting: ErrorNotAdmitted, peer.ErrNoCodec: ErrorNoCodec, peer.ErrOffer: ErrorBadOffer, errors.New("odd"): ErrorInternal,
	} {
		if got, words := errorOf(err); got != want || words == "" {
			t.Errorf("%v is %s %q, want %s", err, got, words, want)
		}
	}
}
