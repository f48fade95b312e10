package rooms

import (
	"context"
	"sync/atomic"

	"legroom/internal/logkey"
)

// gallery is what all legs of a room that take one picture see. The room says what that should be, on its clock; what has to
// be opened and closed for it takes longer than a tick, and is done by the gallery's own goroutine.
type gallery struct {
	room *Room
	next atomic.Pointer[program]
	wake chan struct{} // capacity 1
	stop func()
	over atomic.Bool

	// Of its goroutine:
	eyes     map[*Participant]*eye
	montages map[montageKey]*montage
}

// openGallery begins one. Errors: errNoStudio.
func openGallery(r *Room) (*gallery, error) {
	g := &gallery{
		room: r, wake: make(chan struct{}, 1), eyes: make(map[*Participant]*eye), montages: make(map[montageKey]*montage),
	}
	var err error
	g.stop, err = r.registry.studio.begin("pictures of a room", g.run)
	return g, err
}

// show has p shown as soon as that can be done, and nothing of what was asked for before and not done.
func (g *gallery) show(p *program) {
	g.next.Store(p)
	select {
	case g.wake <- struct{}{}:
	default: // it looks anyway
	}
}

// ended tells whether it shows nothing any more: the Devices were taken away.
func (g *gallery) ended() bool { return g.over.Load() }

func (g *gallery) run(ctx context.Context) error {
	defer func() {
		g.over.Store(true)
		g.apply(&program{})
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.wake:
			if p := g.next.Swap(nil); p != nil {
				g.apply(p)
			}
		}
	}
}

// apply brings what legs see to what they should see.
func (g *gallery) apply(p *program) {
	wanted := make(map[montageKey]bool)
	for _, v := range p.viewers {
		w := g.choose(p, v)
		if w.forward == nil {
			wanted[w.montage] = true
		}
		if err := g.lookAt(p, v, w); err != nil {
			v.participant.log.Warn("leg cannot be shown a picture", logkey.Codec, v.codec.String(), logkey.Err, err)
		}
	}
	for who, e := range g.eyes {
		if !p.watches(who) {
			e.close()
			delete(g.eyes, who)
		}
	}
	for key, m := range g.montages {
		if wanted[key] {
			m.show(p)
			continue
		}
		m.close()
		delete(g.montages, key)
	}
}

// watches tells whether the participant is one who sees.
func (p *program) watches(who *Participant) bool {
	for _, v := range p.viewers {
		if v.participant == who {
			return true
		}
	}
	return false
}

// choose says what a leg should see: the one other picture as it is where the leg can take it and nothing has to be marked
// on it, else a picture made for it.
func (g *gallery) choose(p *program, v viewer) want {
	most := g.room.registry.cfg.PictureHeight
	form := formFor(v.codec, v.limits, most)
	var before want
	if e := g.eyes[v.participant]; e != nil {
		before = e.want
		form = form.steady(before.form, v.limits)
	}
	others := p.others(v.participant)
	if len(others) == 1 && p.phones == 0 && p.recorders == 0 && others[0].forwardable(v, before.forward == others[0].picture) {
		return want{forward: others[0].picture}
	}
	key := montageKey{width: form.width, height: form.height}
	if p.has(v.participant) {
		key.without = v.participant
	}
	return want{montage: key, form: form}
}

// lookAt has a leg see what it should see, and leaves it where it does already.
func (g *gallery) lookAt(p *program, v viewer, w want) error {
	before := g.eyes[v.participant]
	if before != nil && before.want == w && !before.ended() {
		return nil
	}
	next, err := g.open(p, v, w)
	if err != nil {
		return err
	}
	g.eyes[v.participant] = next
	v.participant.plan.Store(&next.plan)
	v.participant.log.Info("picture", logkey.Plan, next.plan.String())
	if before != nil {
		before.close()
	}
	return nil
}

func (g *gallery) open(p *program, v viewer, w want) (*eye, error) {
	if w.forward != nil {
		return lookThrough(v, w)
	}
	m := g.montages[w.montage]
	if m == nil {
		var err error
		if m, err = openMontage(g.room, w.montage); err != nil {
			return nil, err
		}
		g.montages[w.montage] = m
		m.show(p)
	}
	return m.lookAt(v, w)
}
