package menu

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const pin = "4711"

// call is a caller for tests: it feeds events to Reduce and keeps what was to be done.
type call struct {
	t     *testing.T
	state State
	done  []Action
}

func dialled(t *testing.T, room string, p Secret) *call {
	c := &call{t: t, state: New(DefaultLimits(), []string{"en", "de"})}
	return c.on(Called{Room: room, PIN: p})
}

// on feeds events and forgets what was done before the last one.
func (c *call) on(events ...Event) *call {
	for _, e := range events {
		c.state, c.done = Reduce(c.state, e)
	}
	return c
}

func (c *call) keys(s string) *call {
	for _, k := range s {
		c.on(Digit{k})
	}
	return c
}

// said lists the prompts of the last event.
func (c *call) said() string {
	var ids []string
	for _, a := range c.done {
		if s, ok := a.(Say); ok {
			for _, p := range s.Prompts {
				if p.Number != 0 {
					ids = append(ids, fmt.Sprintf("%s(%d)", p.ID, p.Number))
					continue
				}
				ids = append(ids, string(p.ID))
			}
		}
	}
	return strings.Join(ids, " ")
}

func (c *call) wants(says string, phase Phase, actions ...Action) *call {
	c.t.Helper()
	if got := c.said(); got != says {
		c.t.Fatalf("says %q, want %q", got, says)
	}
	if c.state.Phase != phase {
		c.t.Fatalf("phase %v, want %v", c.state.Phase, phase)
	}
	for _, want := range actions {
		if !c.has(want) {
			c.t.Fatalf("actions %v, want %T %v", c.done, want, want)
		}
	}
	return c
}

func (c *call) has(want Action) bool {
	for _, a := range c.done {
		if reflect.DeepEqual(a, want) {
			return true
		}
	}
	return false
}

func inRoom(t *testing.T, host bool) *call {
	result := PINGuest
	if host {
		result = PINHost
	}
	return dialled(t, "1000", pin).on(PINAnswer{result}, Admitted{})
}

func TestGuestDialsARoom(t *testing.T) {
	c := dialled(t, "1000", "").wants("", CheckingRoom, CheckRoom{Room: "1000"})
	c.on(RoomAnswer{NeedsPIN: true}).wants("welcome enter-pin", AskingPIN)
	c.keys("4711").wants("", AskingPIN, Quiet{})
	c.keys("#").wants("", CheckingPIN, CheckPIN{Room: "1000", PIN: pin})
	c.on(PINAnswer{PINGuest}).wants("", Entering, Enter{Room: "1000"})
	c.on(Waiting{Music: true}).wants("in-lobby", InTheLobby)
	c.on(PromptsDone{}).wants("", InTheLobby, Music{On: true})
	c.on(Timeout{}).wants("still-waiting", InTheLobby, Music{On: false})
	c.on(PromptsDone{}, Admitted{}).wants("entry-tone open-meeting", InTheRoom, Music{On: false})
}

func TestCommonNumberAsksForTheRoom(t *testing.T) {
	c := dialled(t, "", "").wants("welcome enter-room", AskingRoom)
	c.keys("1000#").wants("", CheckingRoom, CheckRoom{Room: "1000"})
	c.on(RoomAnswer{NeedsPIN: true}).wants("enter-pin", AskingPIN)
}

func TestOneTouch(t *testing.T) {
	dialled(t, "1000", pin).wants("", CheckingPIN, CheckPIN{Room: "1000", PIN: pin}).
		on(PINAnswer{PINHost}).wants("", Entering, Enter{Room: "1000", Host: true}).
		on(Admitted{}).wants("welcome entry-tone open-meeting", InTheRoom)
	dialled(t, "1000", "9999").on(PINAnswer{PINWrong}).wants("welcome wrong-pin tries-left(2) enter-pin", AskingPIN)
}

func TestRoomWithoutPINAndWithoutWords(t *testing.T) {
	c := dialled(t, "9001", "").on(RoomAnswer{}).wants("", Entering, Enter{Room: "9001"})
	c.on(Admitted{Quiet: true}).wants("", InTheRoom)
	c.on(Ended{CauseRoomClosed}).wants("", Over, Hangup{CauseRoomClosed})
}

func TestThreeWrongPINs(t *testing.T) {
	c := dialled(t, "1000", "").on(RoomAnswer{NeedsPIN: true})
	c.keys("1#").on(PINAnswer{}).wants("wrong-pin tries-left(2) enter-pin", AskingPIN)
	c.keys("2#").on(PINAnswer{}).wants("wrong-pin tries-left(1) enter-pin", AskingPIN)
	c.keys("3#").on(PINAnswer{}).wants("too-many-tries goodbye", Leaving)
	c.on(PromptsDone{}).wants("", Over, Hangup{CauseWrongPIN})
	c.on(PromptsDone{}, Digit{'1'}, Timeout{}).wants("", Over)
	if len(c.done) != 0 {
		t.Fatalf("actions after the end: %v", c.done)
	}
}

func TestEntry(t *testing.T) {
	cases := map[string]struct {
		keys string
		pin  Secret
	}{
		"plain":                 {"4711#", pin},
		"** starts again":       {"99**4711#", pin},
		"stray key after star":  {"99*74711#", pin},
		"letters are ignored":   {"47A11#", pin},
		"too long is not cut":   {strings.Repeat("1", 40) + "#", Secret(strings.Repeat("1", 33))},
		"pound alone is no try": {"#4711#", pin},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dialled(t, "1000", "").on(RoomAnswer{NeedsPIN: true}).keys(c.keys).
				wants("", CheckingPIN, CheckPIN{Room: "1000", PIN: c.pin})
		})
	}
}

func TestForgottenPound(t *testing.T) {
	dialled(t, "1000", "").on(RoomAnswer{NeedsPIN: true}).keys("4711").on(Timeout{}).
		wants("", CheckingPIN, CheckPIN{Room: "1000", PIN: pin})
}

func TestSilenceEndsTheCall(t *testing.T) {
	c := dialled(t, "1000", "").on(RoomAnswer{NeedsPIN: true})
	c.on(PromptsDone{}).wants("", AskingPIN, SetTimer{DefaultLimits().DigitTimeout})
	c.on(Timeout{}).wants("enter-pin", AskingPIN)
	c.on(PromptsDone{}, Timeout{}).wants("enter-pin", AskingPIN)
	c.on(PromptsDone{}, Timeout{}).wants("goodbye", Leaving)
	c.on(Timeout{}).wants("", Over, Hangup{CauseNoInput})
}

func TestLobbyHasAnEnd(t *testing.T) {
	c := dialled(t, "1000", pin).on(PINAnswer{PINGuest}, Waiting{})
	for range DefaultLimits().reminders() - 1 {
		c.on(PromptsDone{}, Timeout{}).wants("still-waiting", InTheLobby)
	}
	c.on(PromptsDone{}, Timeout{}).wants("lobby-over goodbye", Leaving)
}

func TestLanguage(t *testing.T) {
	c := dialled(t, "1000", "").on(RoomAnswer{NeedsPIN: true})
	c.keys("*1").wants("language-chosen enter-pin", AskingPIN, SpeakLanguage{Tag: "de"})
	c.keys("*1").wants("language-chosen enter-pin", AskingPIN, SpeakLanguage{Tag: "en"})
	c.keys("*0").wants("help-entry enter-pin", AskingPIN)
	one := &call{t: t, state: New(DefaultLimits(), nil)}
	one.on(Called{Room: "1000"}, RoomAnswer{NeedsPIN: true}).keys("*1").wants("enter-pin", AskingPIN)
}

func TestLastWords(t *testing.T) {
	cases := map[Cause]string{
		CauseFull: "room-full goodbye", CauseLocked: "room-locked goodbye", CauseDenied: "denied goodbye",
		CauseRemoved: "removed goodbye", CauseBanned: "banned goodbye", CauseRoomClosed: "room-closed goodbye",
		CauseDraining: "draining goodbye", CauseInternal: "out-of-order goodbye", CauseThrottled: "throttled goodbye",
	}
	for cause, words := range cases {
		t.Run(cause.String(), func(t *testing.T) {
			dialled(t, "1000", pin).on(PINAnswer{PINGuest}, Ended{cause}).wants(words, Leaving).
				on(PromptsDone{}).wants("", Over, Hangup{cause})
		})
	}
}

func TestDrain(t *testing.T) {
	inRoom(t, false).on(Drain{}).wants("draining", InTheRoom)
	dialled(t, "1000", "").on(RoomAnswer{NeedsPIN: true}, Drain{}).wants("draining goodbye", Leaving)
}

func TestKeysInTheRoom(t *testing.T) {
	cases := map[string]struct {
		host bool
		keys string
		says string
		do   Command
	}{
		"mute":                {keys: "*6", says: "muted", do: Mute},
		"mute and back":       {keys: "*6*6", says: "unmuted", do: Unmute},
		"hand":                {keys: "*9", says: "hand-up", do: RaiseHand},
		"hand and back":       {keys: "*9*9", says: "hand-down", do: LowerHand},
		"encryption":          {keys: "*3", says: "open-meeting"},
		"who is here":         {keys: "*4", do: CountPeople},
		"language":            {keys: "*1", says: "language-chosen"},
		"help":                {keys: "*0", says: "help-guest"},
		"host help":           {host: true, keys: "*0", says: "help-guest help-host"},
		"lock by a guest":     {keys: "*5", says: "hosts-only"},
		"mute all by a guest": {keys: "*7", says: "hosts-only"},
		"admit by a guest":    {keys: "#", says: "hosts-only"},
		"lock":                {host: true, keys: "*5", do: Lock},
		"mute all":            {host: true, keys: "*7", do: MuteAll},
		"admit":               {host: true, keys: "#", do: AdmitNext},
		"star star":           {keys: "**6", says: "muted", do: Mute},
		"a lone digit":        {keys: "6", says: ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := inRoom(t, c.host).keys(c.keys).wants(c.says, InTheRoom)
			if c.do != NoCommand && !got.has(Do{c.do}) {
				t.Fatalf("actions %v, want %v", got.done, Do{c.do})
			}
		})
	}
}

func TestStarIsForgottenAfterAWhile(t *testing.T) {
	inRoom(t, false).keys("*").on(Timeout{}).keys("6").wants("", InTheRoom)
}

func TestWhatTheRoomTells(t *testing.T) {
	cases := map[string]struct {
		host  bool
		event Event
		says  string
	}{
		"muted by host":       {event: MuteChanged{Muted: true, ByHost: true}, says: "muted-by-host"},
		"nothing new":         {event: MuteChanged{}, says: ""},
		"muted":               {event: MuteChanged{Muted: true}, says: "muted"},
		"locked":              {event: LockChanged{Locked: true}, says: "locked"},
		"still open":          {event: LockChanged{}, says: ""},
		"made host":           {event: RoleChanged{Host: true}, says: "host-now"},
		"made host twice":     {host: true, event: RoleChanged{Host: true}, says: ""},
		"made guest":          {host: true, event: RoleChanged{}, says: "host-no-more"},
		"guest as before":     {event: RoleChanged{}, says: ""},
		"knock for a host":    {host: true, event: SomebodyWaits{}, says: "someone-waits"},
		"knock for a guest":   {event: SomebodyWaits{}, says: ""},
		"alone":               {event: People{All: 1, Phones: 1}, says: "alone"},
		"five":                {event: People{All: 5, Phones: 2}, says: "people-here(5) on-telephone(2)"},
		"everybody muted":     {host: true, event: Outcome{MuteAll, Done}, says: "all-muted"},
		"let in":              {host: true, event: Outcome{AdmitNext, Done}, says: "let-in"},
		"nobody to let in":    {host: true, event: Outcome{AdmitNext, Nobody}, says: "nobody-waits"},
		"host no more":        {host: true, event: Outcome{Lock, NotHost}, says: "hosts-only"},
		"lock is told by all": {host: true, event: Outcome{Lock, Done}, says: ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inRoom(t, c.host).on(c.event).wants(c.says, InTheRoom)
		})
	}
}

func TestLobbyKeys(t *testing.T) {
	waits := func() *call {
		return dialled(t, "1000", pin).on(PINAnswer{PINGuest}, Waiting{Music: true}, PromptsDone{})
	}
	waits().keys("*0").wants("help-lobby", InTheLobby, Music{On: false})
	waits().keys("*6").wants("muted", InTheLobby, Do{Mute})
	waits().keys("*1").wants("language-chosen in-lobby", InTheLobby, SpeakLanguage{Tag: "de"})
	waits().keys("*").on(Timeout{}).wants("", InTheLobby)
}
