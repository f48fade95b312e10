package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"legroom/internal/logkey"
	"legroom/menu"
	"legroom/rooms"
	"legroom/sip"
)

// caller is one telephone call from its answer to its end: it runs the menu and carries out what that decides. One
// goroutine, Call's own, uses all of it but what mu guards.
type caller struct {
	host    *reception
	dialog  *sip.Dialog
	leg     *sip.Leg
	log     *slog.Logger
	started time.Time

	line  line
	timer *time.Timer
	room  roomView
	sound sound
	drain <-chan struct{} // nil once the caller was told
	queue []menu.Event
	fate  fate

	seatedAs atomic.Pointer[rooms.Participant] // for whoever describes the call

	mu    sync.Mutex
	state menu.State
}

// fate is how far a call came and why it ended.
type fate struct {
	cause *menu.Cause // as the menu decided it; nil while it did not
	gone  bool        // the other side hung up, or the call broke
	letIn bool        // it was in a room
}

// roomView is a caller's seat in a room and what it last saw there.
type roomView struct {
	who      *rooms.Participant
	admitted <-chan struct{}
	left     <-chan struct{}
	changed  <-chan struct{}
	unwatch  func()
	seen     *rooms.Snapshot
	wish     wish
}

func newCaller(host *reception, d *sip.Dialog, leg *sip.Leg, log *slog.Logger) *caller {
	c := &caller{
		host: host, dialog: d, leg: leg, log: log, started: time.Now(),
		line: newLine(leg), timer: time.NewTimer(time.Hour),
		state: menu.New(host.cfg.Limits, host.cfg.Prompts.Languages()),
		sound: sound{prompts: host.cfg.Prompts, language: host.first()}, drain: host.draining,
	}
	c.timer.Stop()
	return c
}

// run leads the caller until one side hangs up; ctx ends with the call.
func (c *caller) run(ctx context.Context, first menu.Event) {
	booth, err := c.host.cfg.Rooms.NewBooth(seat{c.leg})
	if err != nil {
		c.log.Error("caller cannot be spoken to", logkey.Err, err)
		_ = c.leg.Close(sip.ErrInternal)
		return
	}
	c.sound.booth = booth
	defer c.end()
	c.feed(first)
	for c.fate.cause == nil && !c.fate.gone {
		if e := c.wait(ctx); e != nil {
			c.feed(e)
		}
	}
}

// wait gives the next thing that happens; nil for what needs no answer of the menu.
func (c *caller) wait(ctx context.Context) menu.Event {
	select {
	case <-ctx.Done():
		c.fate.gone = true
	case <-c.leg.Done():
		c.fate.gone = true
	case key := <-c.line.digits:
		return menu.Digit{Key: key}
	case <-c.line.recoded:
		c.reseat()
	case <-c.line.reframed:
		c.reframe()
	case <-c.sound.said():
		c.sound.speech = nil
		return menu.PromptsDone{}
	case <-c.timer.C:
		return menu.Timeout{}
	case <-c.drain:
		c.drain = nil
		return menu.Drain{}
	case <-c.room.admitted:
		return c.admitted()
	case <-c.room.left:
		return c.left()
	case <-c.room.changed:
		c.look()
	case <-c.room.wish.changed:
		return c.answered()
	}
	return nil
}

// feed gives an event to the menu and does what it says, and so on with what comes of that.
func (c *caller) feed(e menu.Event) {
	c.queue = append(c.queue, e)
	for len(c.queue) > 0 && c.fate.cause == nil {
		next := c.queue[0]
		c.queue = c.queue[1:]
		state, actions := menu.Reduce(c.state, next)
		c.mu.Lock()
		c.state = state
		c.mu.Unlock()
		for _, a := range actions {
			c.do(a)
		}
	}
}

func (c *caller) do(a menu.Action) {
	switch a := a.(type) {
	case menu.Say:
		c.say(a.Prompts)
	case menu.Quiet:
		c.sound.quiet()
	case menu.Music:
		c.sound.playMusic(a.On)
	case menu.SpeakLanguage:
		c.sound.language = a.Tag
	case menu.SetTimer:
		c.timer.Stop()
		if a.After > 0 {
			c.timer.Reset(a.After)
		}
	case menu.CheckRoom:
		c.queue = append(c.queue, menu.RoomAnswer{NeedsPIN: c.host.cfg.Directory.needsPIN(a.Room)})
	case menu.CheckPIN:
		c.queue = append(c.queue, menu.PINAnswer{Result: c.host.checkPIN(c.suspect(), a.Room, a.PIN)})
	case menu.Enter:
		c.queue = append(c.queue, c.enter(a))
	case menu.Do:
		c.command(a.Command)
	case menu.Hangup:
		c.fate.cause = &a.Cause
	}
}

// speak takes up the language of a room. That is once its door is open and not before: a question in another language
// would tell a stranger that there is such a room.
func (c *caller) speak(room string) {
	if e, ok := c.host.cfg.Directory.find(room); ok && e.settings.Language != "" && c.sound.language == c.host.first() {
		c.sound.language = e.settings.Language
	}
}

func (c *caller) say(prompts []menu.Prompt) {
	if err := c.sound.say(c.room.who, prompts); err != nil {
		c.log.Warn("caller cannot be spoken to", logkey.Err, err)
		c.queue = append(c.queue, menu.PromptsDone{}) // the call goes on as if it had been said
	}
}

func (c *caller) suspect() suspect {
	return suspect{source: c.dialog.Source().Addr(), caller: c.dialog.From(), user: c.dialog.User()}
}

// enter takes a seat in the room.
func (c *caller) enter(a menu.Enter) menu.Event {
	c.speak(a.Room)
	room, err := c.host.cfg.Rooms.Room(a.Room)
	if err != nil {
		return menu.Ended{Cause: causeOf(err)}
	}
	if room.Policy().Mode == rooms.Sealed { // nobody in there is bothered
		return menu.Ended{Cause: menu.CauseSealed}
	}
	role := rooms.Guest
	if a.Host {
		role = rooms.Host
	}
	who, err := room.Join(rooms.JoinRequest{
		Leg: seat{c.leg}, Kind: c.kind(), Name: nameOf(c.dialog.From()), Role: role,
		Security: securityOf(c.leg.Security()), Identity: c.identity(), Clear: true,
	})
	if err != nil {
		return menu.Ended{Cause: causeOf(err)}
	}
	room = who.Room() // a room on demand may have vanished and come again since it was looked up
	c.room.who, c.room.admitted, c.room.left = who, who.Admitted(), who.Done()
	c.seatedAs.Store(who)
	c.room.changed, c.room.unwatch = room.Watch()
	c.room.seen = room.Snapshot()
	c.log.Info("caller enters", logkey.Room, room.Number(), logkey.Participant, who.ID(), logkey.Role, role.String())
	if room.Policy().Mode.Encrypted() {
		if err := c.ask(); err != nil {
			c.vacate(err)
			return menu.Ended{Cause: causeOf(err)}
		}
	}
	select {
	case <-who.Admitted():
		return c.admitted()
	default:
		return menu.Waiting{Music: room.Policy().Music, Plea: c.room.wish.waitsFor()}
	}
}

// reseat lets the caller go on hearing after a re-offer changed the codec. The room comes last: of two that send to the
// leg the later one is heard, and who was just let in is on its way from one to the other.
func (c *caller) reseat() {
	err := c.sound.reseat()
	if c.room.who != nil {
		err = errors.Join(err, c.room.who.Reseat())
	}
	if err != nil && c.dialog.Cause() == nil {
		c.log.Warn("caller cannot be spoken to in the new codec", logkey.Codec, c.leg.Codec().String(), logkey.Err, err)
	}
}

// kind is what sits at the other end: who sends or takes pictures is a room system to people.
func (c *caller) kind() rooms.LegKind {
	if c.leg.HasVideo() {
		return rooms.RoomSystem
	}
	return rooms.Phone
}

// reframe lets the caller go on seeing after a re-offer, or a wish for less, changed what it takes of pictures.
func (c *caller) reframe() {
	if c.room.who != nil {
		c.room.who.Reframe()
	}
}

// admitted opens the way between the caller and the room. Before it neither hears one sample of the other.
func (c *caller) admitted() menu.Event {
	c.room.admitted, c.fate.letIn = nil, true
	if c.room.wish.heard != nil {
		c.room.wish.heard()
	}
	if err := c.leg.Publish(c.room.who); err != nil {
		c.log.Warn("caller cannot be heard", logkey.Err, err)
	}
	c.sound.leaveBooth()
	snapshot := c.room.who.Room().Snapshot()
	c.room.seen = snapshot
	return menu.Admitted{
		Locked: snapshot.Locked, Host: c.room.who.Role() == rooms.Host, Quiet: !c.room.who.Room().Policy().Announce,
		Encryption: c.encryption(snapshot),
	}
}

// left brings a caller whom the room put out back into a booth, to hear why.
func (c *caller) left() menu.Event {
	cause := c.room.who.Cause()
	c.vacate(cause)
	c.sound.silence()
	if c.sound.booth == nil {
		booth, err := c.host.cfg.Rooms.NewBooth(seat{c.leg})
		if err != nil {
			c.log.Warn("caller cannot be told why", logkey.Err, err)
			c.fate.gone = true
			return nil
		}
		c.sound.booth = booth
	}
	return menu.Ended{Cause: causeOf(cause)}
}

// vacate gives the seat up.
func (c *caller) vacate(cause error) {
	if c.room.who == nil {
		return
	}
	c.room.wish.end()
	c.room.who.Leave(cause)
	c.room.unwatch()
	c.room = roomView{}
}

// look tells the menu what changed in the room.
func (c *caller) look() {
	room := c.room.who.Room()
	after := room.Snapshot()
	changes := changesOf(c.room.seen, after, c.room.who.ID(), room.Policy().Lobby)
	c.room.seen = after
	for _, e := range changes {
		c.feed(e)
	}
}

// end hangs up if nobody has, and writes the call's summary.
func (c *caller) end() {
	c.timer.Stop()
	c.vacate(sip.ErrHungUp)
	c.sound.close()
	_ = c.leg.Close(nil)
	c.summary()
}

// identity tells the same caller again, for bans.
func (c *caller) identity() string {
	return "phone " + c.dialog.User() + " " + c.dialog.From().User + "@" + networkOf(c.dialog.Source().Addr())
}

// nameOf is what the room sees of a caller: a name if it sent one, else its masked number. A number in the place of the
// name is masked like any other.
func nameOf(p sip.Party) string {
	name := strings.TrimSpace(p.Display)
	digits := 0
	for _, r := range name {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if name == "" || digits > 3 || len([]rune(name)) > 64 {
		return p.Masked()
	}
	return name
}

func securityOf(s sip.Security) rooms.Security {
	switch s {
	case sip.SecurityClear:
		return rooms.HopClear
	case sip.SecuritySDES:
		return rooms.HopSDES
	case sip.SecuritySDESKeyInClear:
		return rooms.HopSDESKeyInClear
	case sip.SecurityDTLS:
		return rooms.HopDTLS
	default:
		return rooms.HopUnknown
	}
}
