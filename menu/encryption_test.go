package menu

import (
	"testing"
)

// mixed is what a telephone is told of an encrypted room in which three others hear it.
var mixed = Encryption{On: true, Hearers: 3}

const entryWords = "line-not-encrypted people-hear(3) video-private"

func inMixedRoom(t *testing.T, host bool) *call {
	result := PINGuest
	if host {
		result = PINHost
	}
	return dialled(t, "1000", pin).on(PINAnswer{result}, Waiting{Plea: PleaAsked}, Admitted{Encryption: mixed})
}

func TestWayIntoAMixedRoom(t *testing.T) {
	c := dialled(t, "1000", pin).on(PINAnswer{PINGuest}, Waiting{Music: true, Plea: PleaUnheard})
	c.wants("welcome nobody-to-ask", InTheLobby)
	c.on(PromptsDone{}).wants("", InTheLobby, Music{On: true}, SetTimer{DefaultLimits().LobbyReminder})
	c.on(Timeout{}).wants("nobody-to-ask", InTheLobby, Music{On: false})
	c.on(PromptsDone{}, PleaChanged{PleaAsked}).wants("host-asked", InTheLobby, Music{On: false}, SetTimer{})
	c.on(PleaChanged{PleaAsked}).wants("", InTheLobby)
	c.on(PromptsDone{}).wants("", InTheLobby, Music{On: true})
	c.on(Timeout{}).wants("still-waiting", InTheLobby)
	c.on(PleaChanged{PleaUnheard}).wants("nobody-to-ask", InTheLobby)
	c.on(EncryptionChanged{Interrupted: true}).wants("", InTheLobby)
	c.on(Admitted{Encryption: mixed}).wants("entry-tone "+entryWords, InTheRoom, Music{On: false})
}

func TestEntryTellsTheTruth(t *testing.T) {
	cases := map[string]struct {
		admitted Admitted
		says     string
	}{
		"open":        {Admitted{}, "entry-tone open-meeting"},
		"three hear":  {Admitted{Encryption: mixed}, "entry-tone " + entryWords},
		"one hears":   {Admitted{Encryption: Encryption{On: true, Hearers: 1}}, "entry-tone line-not-encrypted people-hear(1) video-private"},
		"nobody":      {Admitted{Encryption: Encryption{On: true}}, "entry-tone line-not-encrypted alone video-private"},
		"interrupted": {Admitted{Encryption: Encryption{On: true, Interrupted: true, Hearers: 3}}, "entry-tone line-not-encrypted interrupted"},
		"no words":    {Admitted{Quiet: true, Encryption: mixed}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dialled(t, "1000", pin).on(PINAnswer{PINGuest}, Waiting{Plea: PleaAsked}, c.admitted).wants(c.says, InTheRoom)
		})
	}
}

func TestWaysOutOfAnEncryptedRoom(t *testing.T) {
	dialled(t, "1000", pin).on(PINAnswer{PINGuest}, Ended{CauseSealed}).wants("sealed-meeting goodbye", Leaving).
		on(PromptsDone{}).wants("", Over, Hangup{CauseSealed})
	dialled(t, "1000", pin).on(PINAnswer{PINGuest}, Waiting{Plea: PleaAsked}, Ended{CauseDenied}).wants("denied goodbye", Leaving)
	inMixedRoom(t, false).on(Ended{CauseRevoked}).wants("telephones-ended goodbye", Leaving).
		on(PromptsDone{}).wants("", Over, Hangup{CauseRevoked})
	for _, c := range []Cause{CauseSealed, CauseRevoked} {
		if c.String() == CauseInternal.String() {
			t.Errorf("cause %d has no name", c)
		}
	}
}

func TestInterrupted(t *testing.T) {
	c := inMixedRoom(t, false)
	c.on(EncryptionChanged{}).wants("", InTheRoom)
	c.on(EncryptionChanged{Interrupted: true}).wants("interrupted", InTheRoom)
	c.on(EncryptionChanged{Interrupted: true}).wants("", InTheRoom)
	c.on(EncryptionChanged{}).wants("encryption-back", InTheRoom)
	came := dialled(t, "1000", pin).on(PINAnswer{PINGuest}, Waiting{Plea: PleaAsked},
		Admitted{Encryption: Encryption{On: true, Interrupted: true}})
	came.on(EncryptionChanged{}).wants("encryption-back", InTheRoom)
	inRoom(t, false).on(EncryptionChanged{Interrupted: true}).wants("", InTheRoom)
	c.on(PleaChanged{PleaUnheard}).wants("", InTheRoom) // what others wait for is no matter of who is in
}

func TestStarThree(t *testing.T) {
	code := &Compared{Hour: 14, Minute: 3, Pairs: [4]int{12, 34, 5, 0}}
	const spoken = " code-compared(14) number number(3) code-was number(12) number(34) number number(5) number number"
	cases := map[string]struct {
		told EncryptionTold
		says string
	}{
		"no code":                         {EncryptionTold{Encryption: mixed}, entryWords},
		"a code":                          {EncryptionTold{mixed, code}, entryWords + spoken},
		"interrupted":                     {EncryptionTold{Encryption{On: true, Interrupted: true}, code}, "line-not-encrypted interrupted" + spoken},
		"open, and a code that cannot be": {EncryptionTold{Encryption{}, code}, "open-meeting"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inMixedRoom(t, false).keys("*3").wants("", InTheRoom, Do{TellEncryption}).on(c.told).wants(c.says, InTheRoom)
		})
	}
}

// TestTelephoneHost: who came with the host's PIN locks and mutes as ever, and can only ask for others to be let in.
func TestTelephoneHost(t *testing.T) {
	inMixedRoom(t, true).keys("*5").wants("", InTheRoom, Do{Lock})
	inMixedRoom(t, true).keys("*7").wants("", InTheRoom, Do{MuteAll})
	inMixedRoom(t, true).on(SomebodyWaits{}).wants("someone-waits-encrypted", InTheRoom)
	inMixedRoom(t, false).on(SomebodyWaits{}).wants("", InTheRoom)
	inMixedRoom(t, true).keys("*0").wants("help-guest help-host-encrypted", InTheRoom)
	inMixedRoom(t, false).keys("*0").wants("help-guest", InTheRoom)
	inMixedRoom(t, false).keys("#").wants("hosts-only", InTheRoom)
	for result, says := range map[Result]string{
		HostsWereAsked: "hosts-asked", NobodyAdmits: "nobody-lets-in", Nobody: "nobody-waits", NotHost: "hosts-only", Failed: "out-of-order",
	} {
		inMixedRoom(t, true).keys("#").wants("", InTheRoom, Do{AdmitNext}).on(Outcome{AdmitNext, result}).wants(says, InTheRoom)
	}
}

func TestMixedLobbyKeys(t *testing.T) {
	waits := func() *call {
		return dialled(t, "1000", pin).on(PINAnswer{PINHost}, Waiting{Music: true, Plea: PleaAsked}, PromptsDone{})
	}
	waits().keys("*1").wants("language-chosen host-asked", InTheLobby, SpeakLanguage{Tag: "de"})
	waits().keys("*5").wants("host-asked", InTheLobby)
	waits().keys("#").wants("", InTheLobby)
	// A change while a key is half pressed is spoken, and the timer of the half key does not end the reminder.
	c := waits().keys("*").on(PleaChanged{PleaUnheard}).wants("nobody-to-ask", InTheLobby)
	c.keys("6").wants("", InTheLobby)
}
