package menu

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// secretDigits are pressed only while a PIN is asked for; nothing else in these tests holds them.
const secretDigits = "77"

func anyEvent() *rapid.Generator[Event] {
	fixed := []Event{
		Called{Room: "1"}, Called{}, Called{Room: "1", PIN: secretDigits}, PromptsDone{}, PromptsDone{}, Timeout{}, Timeout{},
		RoomAnswer{}, RoomAnswer{NeedsPIN: true}, RoomAnswer{NeedsPIN: true}, PINAnswer{}, PINAnswer{PINGuest}, PINAnswer{PINHost},
		PINAnswer{PINThrottled}, Waiting{}, Waiting{Music: true}, Admitted{}, Admitted{Host: true, Locked: true}, Admitted{Quiet: true},
		Waiting{Music: true, Plea: PleaUnheard}, Waiting{Plea: PleaAsked}, PleaChanged{PleaAsked}, PleaChanged{PleaUnheard}, PleaChanged{},
		Admitted{Encryption: Encryption{On: true, Hearers: 3}}, Admitted{Host: true, Encryption: Encryption{On: true, Interrupted: true, Hearers: 1}},
		EncryptionChanged{Interrupted: true}, EncryptionChanged{}, EncryptionTold{}, EncryptionTold{Encryption: Encryption{On: true, Hearers: -1}},
		EncryptionTold{Encryption: Encryption{On: true}, Compared: &Compared{Hour: 25, Minute: -1, Pairs: [4]int{-7, 100, 3, 12}}},
		Outcome{AdmitNext, HostsWereAsked}, Outcome{AdmitNext, NobodyAdmits}, Digit{'3'},
		MuteChanged{Muted: true, ByHost: true}, MuteChanged{}, LockChanged{Locked: true}, LockChanged{}, RoleChanged{Host: true}, RoleChanged{}, SomebodyWaits{},
		People{All: 3, Phones: 1}, Outcome{AdmitNext, Done}, Outcome{}, Ended{CauseRemoved}, Drain{},
		Digit{'*'}, Digit{'#'}, Digit{'0'}, Digit{'1'}, Digit{'5'}, Digit{'6'}, Digit{'9'}, Digit{'D'}, Digit{-1},
	}
	return rapid.SampledFrom(fixed)
}

func TestAnySequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(DefaultLimits(), []string{"en", "de", "fr"})
		hungUp := 0
		for _, e := range rapid.SliceOfN(anyEvent(), 0, 80).Draw(t, "events") {
			if d, ok := e.(Digit); ok && s.Phase == AskingPIN && d.Key >= '0' && d.Key <= '9' {
				e = Digit{'7'}
			}
			before := s
			var out []Action
			s, out = Reduce(s, e)
			if again, outAgain := Reduce(before, e); !reflect.DeepEqual(again, s) || !reflect.DeepEqual(out, outAgain) {
				t.Fatal("not pure: the same event gave another result")
			}
			if before.Phase == Over && len(out) > 0 {
				t.Fatalf("after the end: %v", out)
			}
			hungUp += check(t, out)
			knowsNothing(t, s, out)
		}
		if (s.Phase == Over) != (hungUp == 1) {
			t.Fatalf("phase %v after %d hangups", s.Phase, hungUp)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", s, s, s), secretDigits) {
			t.Fatalf("state shows keyed digits")
		}
		finish(t, s)
	})
}

// check looks at the actions of one event and counts hangups.
func check(t *rapid.T, out []Action) (hungUp int) {
	says := 0
	for i, a := range out {
		switch a := a.(type) {
		case Hangup:
			hungUp++
			if i != len(out)-1 {
				t.Fatalf("hangup is not last: %v", out)
			}
		case Say:
			says++
			if len(a.Prompts) == 0 {
				t.Fatal("nothing to say")
			}
		case CheckPIN:
			if strings.Contains(fmt.Sprintf("%v %+v %#v", a, a, a), secretDigits) {
				t.Fatal("a PIN can be printed")
			}
			continue
		}
		if strings.Contains(reflect.ValueOf(a).String()+fmt.Sprintf("%+v", a), secretDigits) {
			t.Fatalf("PIN in %T", a)
		}
	}
	if says > 1 {
		t.Fatalf("two voices at once: %v", out)
	}
	return hungUp
}

// knowsNothing: of who is not in a room no prompt tells how many are there, or anything else that is a number, but how many
// tries are left.
func knowsNothing(t *rapid.T, s State, out []Action) {
	if s.Phase == InTheRoom {
		return
	}
	for _, a := range out {
		said, _ := a.(Say)
		for _, p := range said.Prompts {
			if p.Number != 0 && p.ID != TriesLeft || p.ID == PeopleHear || p.ID == CodeCompared || p.ID == Number {
				t.Fatalf("%v is told %v", s.Phase, p)
			}
		}
	}
}

// finish leaves the caller alone: every call that is not in a room ends by itself.
func finish(t *rapid.T, s State) {
	for range 400 {
		switch s.Phase {
		case Over, InTheRoom, Ringing:
			return
		case CheckingRoom:
			s, _ = Reduce(s, RoomAnswer{NeedsPIN: true})
		case CheckingPIN:
			s, _ = Reduce(s, PINAnswer{})
		case Entering:
			s, _ = Reduce(s, Ended{CauseFull})
		default:
			s, _ = Reduce(s, PromptsDone{})
			s, _ = Reduce(s, Timeout{})
		}
	}
	t.Fatalf("still %v", s)
}

func TestLimits(t *testing.T) {
	if err := DefaultLimits().Validate(); err != nil {
		t.Fatal(err)
	}
	if err := (Limits{}).Validate(); err == nil {
		t.Fatal("empty limits must be refused")
	}
}

func TestEveryPromptHasOneName(t *testing.T) {
	seen := map[PromptID]bool{}
	for _, id := range PromptIDs() {
		if id == "" || seen[id] {
			t.Errorf("prompt %q is there twice", id)
		}
		seen[id] = true
	}
}
