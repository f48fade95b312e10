package rooms_test

import (
	"math/rand/v2"
	"runtime"
	"time"

	"legroom/media"
	"legroom/rooms"
)

// enough is how many packets of sound a leg of the storm must get to have heard something.
const enough = 3

// stormMix are the codecs that phones of the storm come with, and change to.
var stormMix = []media.Codec{pcmu, pcma, g722, full}

// actor is one goroutine of the storm.
type actor struct {
	*storm
	rng  *rand.Rand
	name string
}

// chance is true once in n.
func (a *actor) chance(n int) bool { return a.rng.IntN(n) == 0 }

func (a *actor) codec() media.Codec { return stormMix[a.rng.IntN(len(stormMix))] }

// leg is a phone, mostly.
func (a *actor) leg() *stormLeg {
	if a.chance(4) {
		return stormBrowser(a.t)
	}
	return stormPhone(a.t, a.codec())
}

// until waits for c, and tells whether it came before gone did.
func (a *actor) until(c, gone <-chan struct{}, what string) bool {
	select {
	case <-c:
		return true
	case <-gone:
		return false
	case <-time.After(stormPatience):
		a.broken.Store(true)
		a.t.Errorf("%s: %s: not within %v", a.name, what, stormPatience)
		return false
	}
}

// leave ends a participation, which others may have ended before.
func (a *actor) leave(p *rooms.Participant) {
	p.Leave(nil)
	a.until(p.Done(), nil, "who leaves has left")
}

// visit goes to rooms of all kinds and does there what legs do.
func (a *actor) visit() {
	all := append(append([]string{mixedRoom}, lobbyRooms...), openRooms...)
	for round := range stormRounds {
		if a.broken.Load() {
			return
		}
		req := rooms.JoinRequest{Name: a.name}
		if a.chance(6) {
			req.Role = rooms.Host
		}
		if a.chance(3) { // a ban holds until the room is empty
			req.Identity = a.name + string(rune('a'+round%26))
		}
		l := a.leg()
		var booth *rooms.Booth
		if l.sounds == 1 && a.chance(3) {
			booth = a.menu(l)
		}
		if p := a.enter(all[a.rng.IntN(len(all))], l, req); p != nil {
			a.stay(p, l)
			a.leave(p)
		}
		if booth != nil {
			booth.Close()
			booth.Close()
		}
	}
}

// menu is the time before a room: prompts, and a change of codec under them.
func (a *actor) menu(l *stormLeg) *rooms.Booth {
	b, err := a.NewBooth(l)
	if !a.expect(err, "booth") {
		return nil
	}
	w := b.Whisper(&beep{left: 4000})
	if a.chance(2) {
		l.recode(a.codec())
		a.expect(b.Reseat(), "reseat in the booth")
	}
	if a.chance(2) && a.until(w.Done(), nil, "a prompt in the booth ends") {
		a.played.Add(1)
	}
	return b
}

// stay waits in the lobby, then does this and that in the room.
func (a *actor) stay(p *rooms.Participant, l *stormLeg) {
	if a.chance(8) {
		return // does not even wait
	}
	if l.sounds == 1 && a.chance(4) {
		a.recode(p, l)
	}
	if !a.until(p.Admitted(), p.Done(), "a guest is admitted or sent away") {
		return
	}
	var mic *stormMouth
	for range 2 + a.rng.IntN(8) {
		switch a.rng.IntN(12) {
		case 0, 1, 2:
			mic = a.speak(p, l, mic)
		case 3:
			mic = a.hush(mic)
			if l.sounds == 1 {
				a.recode(p, l)
			}
		case 4:
			a.prompt(p, l)
		case 5, 6:
			a.listen(p, l)
		case 7:
			p.SetMuted(a.chance(2))
		case 8:
			a.film(p, l)
		case 9:
			a.look(p)
		case 10:
			a.command(p)
		default:
			p.SetHand(a.chance(2))
			p.Rename(a.name)
		}
	}
}

// recode changes the codec of a phone, in the lobby or in the room.
func (a *actor) recode(p *rooms.Participant, l *stormLeg) {
	l.recode(a.codec())
	a.expect(p.Reseat(), "reseat", rooms.ErrLeft)
}

// speak says something, and publishes a microphone for it when there is none.
func (a *actor) speak(p *rooms.Participant, l *stormLeg, mic *stormMouth) *stormMouth {
	if mic == nil {
		codec := l.speaks()
		sink, err := p.Publish(media.TrackInfo{Source: media.Microphone, Codec: codec})
		if !a.expect(err, "publish", rooms.ErrLeft) {
			return nil
		}
		mic = &stormMouth{sink: sink, codec: codec, ready: a.voices[codec.Name]}
		if l.sounds > 1 && p.Room().Policy().Mode.Encrypted() {
			mic.seal = a.group.sealer(a.t)
		}
	}
	a.expect(mic.say(1+a.rng.IntN(12)), "speak", media.ErrClosed)
	return mic
}

// hush takes the microphone away.
func (a *actor) hush(mic *stormMouth) *stormMouth {
	if mic != nil {
		a.expect(mic.sink.Close(), "unpublish")
	}
	return nil
}

// prompt whispers to a phone, and hears it to its end, or stops it.
func (a *actor) prompt(p *rooms.Participant, l *stormLeg) {
	w, err := p.Whisper(&beep{left: 3000})
	if l.sounds > 1 {
		a.expect(err, "whisper", rooms.ErrLeft, rooms.ErrNoMix)
		return
	}
	if !a.expect(err, "whisper", rooms.ErrLeft) {
		return
	}
	if a.chance(3) {
		w.Stop()
	}
	if a.until(w.Done(), nil, "a prompt ends, by itself or with its port") {
		a.played.Add(1)
	}
}

// listen waits for sound: a phone hears the mix whoever speaks.
func (a *actor) listen(p *rooms.Participant, l *stormLeg) {
	if l.sounds > 1 {
		return // see meet
	}
	for end := l.heard.Load() + enough; l.heard.Load() < end; {
		if !a.until(l.news, p.Done(), "a phone in a room gets sound") {
			return
		}
	}
	a.listened.Add(1)
}

// film publishes a camera for a moment and chooses what to see.
func (a *actor) film(p *rooms.Participant, l *stormLeg) {
	if l.videos == 0 {
		return
	}
	sink, err := p.Publish(media.TrackInfo{Source: media.Camera, Codec: vp8, RequestKeyframe: func(uint8) {}})
	if !a.expect(err, "publish a camera", rooms.ErrLeft) {
		return
	}
	frame := &media.Packet{Level: media.NoLevel}
	frame.Payload = []byte{0x10, 0, 0, 0}
	camera := &stormMouth{sink: sink, codec: vp8, ready: []*media.Packet{frame}}
	a.expect(camera.say(5), "film", media.ErrClosed)
	var wants []rooms.Want
	for _, other := range p.Room().Snapshot().Participants {
		wants = append(wants, rooms.Want{Participant: other.ID, Source: media.Camera})
	}
	p.View(wants)
	a.expect(camera.say(5), "film", media.ErrClosed)
	p.View(nil)
	a.expect(sink.Close(), "unpublish a camera")
}

// look reads all that can be read, and checks it against itself.
func (a *actor) look(p *rooms.Participant) {
	room := p.Room()
	first, levels, second := room.Snapshot(), room.Levels(nil), room.Snapshot()
	if second.Revision < first.Revision || len(levels) > 100 {
		a.t.Errorf("revision %d comes behind %d, %d levels", second.Revision, first.Revision, len(levels))
	}
	ids, joined := make(map[string]bool), 0
	for _, other := range second.Participants {
		if ids[other.ID] || other.State == rooms.Left {
			a.t.Errorf("%s is in a Snapshot twice, or has left", other.ID)
		}
		ids[other.ID] = true
		if other.State == rooms.Joined {
			joined++
		}
	}
	if limit := room.Policy().Capacity; joined > limit {
		a.t.Errorf("%d have joined a room for %d", joined, limit)
	}
	_, _, _, _ = a.Rooms(), a.Encodes(), p.Role(), p.State()
}

// passBy comes and goes as fast as it can, so that rooms empty, and are on the clock and off it.
func (a *actor) passBy(number string) {
	for range 4 * stormRounds {
		if a.broken.Load() {
			return
		}
		l := stormPhone(a.t, a.codec())
		p := a.enter(number, l, rooms.JoinRequest{Name: a.name})
		if p == nil {
			continue
		}
		if a.until(p.Admitted(), p.Done(), "who passes by is admitted or sent away") && a.chance(2) {
			a.speak(p, l, nil)
			if a.chance(2) {
				a.listen(p, l)
			}
		}
		a.leave(p)
	}
}

// meet brings a phone and a browser that talk.
func (a *actor) meet() {
	for range stormRounds / 2 {
		if a.broken.Load() {
			return
		}
		one, other := stormPhone(a.t, a.codec()), stormBrowser(a.t)
		number := openRooms[a.rng.IntN(2)]
		p := a.enter(number, one, rooms.JoinRequest{Name: a.name})
		if p == nil {
			continue
		}
		if q := a.enter(number, other, rooms.JoinRequest{Name: a.name}); q != nil {
			a.conversation(p, one, q, other)
			a.leave(q)
		}
		a.leave(p)
	}
}

// conversation goes on until both have heard something, or one of them is gone. Hosts mute them; they unmute.
func (a *actor) conversation(p *rooms.Participant, one *stormLeg, q *rooms.Participant, other *stormLeg) bool {
	mic, reply := a.speak(p, one, nil), a.speak(q, other, nil)
	if mic == nil || reply == nil {
		return false
	}
	began := time.Now()
	for one.heard.Load() < enough || other.heard.Load() < enough {
		p.SetMuted(false)
		q.SetMuted(false)
		if mic.say(1) != nil || reply.say(1) != nil {
			return false
		}
		select {
		case <-one.news:
		case <-other.news:
		case <-p.Done():
			return false
		case <-q.Done():
			return false
		case <-time.After(time.Millisecond): // nobody has heard it yet: say it again
		}
		if time.Since(began) > stormPatience {
			a.t.Errorf("%s: phone got %d packets, browser %d: want %d", a.name, one.heard.Load(), other.heard.Load(), enough)
			return false
		}
	}
	a.listened.Add(2)
	return true
}

// preside is a host of a lobby, who comes again and again until the last guest has gone home.
func (a *actor) preside(number string) {
	for !closed(a.over) {
		p := a.enter(number, a.leg(), rooms.JoinRequest{Name: a.name, Role: rooms.Host})
		if p == nil {
			continue
		}
		a.throwOpen(p)
		changed, stop := p.Room().Watch()
		for range 5 + a.rng.IntN(30) {
			if !waits(p.Room()) {
				select {
				case <-changed:
				case <-p.Done():
				case <-a.over:
				}
			}
			if closed(p.Done()) || closed(a.over) {
				break
			}
			a.open(p)
			if a.chance(4) {
				a.command(p)
			}
		}
		stop()
		a.leave(p)
	}
}

// throwOpen lets in who comes for a while, the moment it comes: still on its way in, mostly.
func (a *actor) throwOpen(p *rooms.Participant) {
	for range 4000 {
		if closed(p.Done()) || closed(a.over) {
			return
		}
		if a.expect(p.AdmitNext(), "admit who comes", answers...) {
			a.admissions.Add(1)
		}
		runtime.Gosched()
	}
}

// waits tells whether somebody is in the lobby.
func waits(r *rooms.Room) bool { return anyone(r, rooms.Waiting, nil) != "" }

// anyone in that state, or the empty ID.
func anyone(r *rooms.Room, state rooms.State, rng *rand.Rand) string {
	var ids []string
	for _, other := range r.Snapshot().Participants {
		if other.State == state {
			ids = append(ids, other.ID)
		}
	}
	switch {
	case len(ids) == 0:
		return ""
	case rng == nil:
		return ids[0]
	default:
		return ids[rng.IntN(len(ids))]
	}
}

// answers are the errors of commands: who gives one may be gone or no host any more, who it is about as well.
var answers = []error{
	rooms.ErrLeft, rooms.ErrNotHost, rooms.ErrNoParticipant, rooms.ErrFull,
	rooms.ErrRemoved, rooms.ErrDenied, rooms.ErrRoomClosed, // why the guest left before it was seated
}

// open the door for who waits, or shut it.
func (a *actor) open(p *rooms.Participant) {
	switch id := anyone(p.Room(), rooms.Waiting, a.rng); a.rng.IntN(8) {
	case 0:
		if a.expect(p.Deny(id), "deny", answers...) {
			a.denials.Add(1)
		}
	case 1, 2:
		if a.expect(p.Admit(id), "admit", answers...) {
			a.admissions.Add(1)
		}
	default:
		if a.expect(p.AdmitNext(), "admit next", answers...) {
			a.admissions.Add(1)
		}
	}
}

// command does what hosts do beside that; guests try as well.
func (a *actor) command(p *rooms.Participant) {
	id := anyone(p.Room(), rooms.Joined, a.rng)
	switch a.rng.IntN(16) {
	case 0, 1, 2:
		if a.expect(p.Remove(id, a.chance(2)), "remove", answers...) {
			a.removals.Add(1)
		}
	case 3, 4, 5:
		if a.expect(p.Lock(true), "lock", answers...) {
			a.look(p)
			a.expect(p.Lock(false), "unlock", answers...)
		}
	case 6, 7:
		a.expect(p.PassHost(id), "pass host", append([]error{rooms.ErrEncrypted}, answers...)...)
	case 8:
		if p.Role() == rooms.Host {
			p.Room().Close(rooms.ErrRoomClosed)
		}
	case 9, 10:
		a.expect(p.MuteAll(), "mute all", answers...)
	default:
		a.expect(p.MuteOther(id), "mute", answers...)
	}
}
