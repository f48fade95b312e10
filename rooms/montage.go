package rooms

import (
	"context"
	"fmt"
	"sync"
	"time"

	"legroom/compose"
	"legroom/internal/logkey"
	"legroom/media"
	"legroom/transcode"
)

// montageKey is what makes one composed picture differ from another of the same room.
type montageKey struct {
	width, height int
	without       *Participant // who is not shown to himself; nil where nobody who looks is on it
}

// montage is one composed picture of a room, and what it is encoded in: once for all legs that take the same form. All of it
// but the work belongs to the goroutine of the gallery.
type montage struct {
	room       *Room
	key        montageKey
	compositor *compose.Compositor
	out        media.Fan[*media.Picture]
	slots      map[*publication]*placement
	renditions map[pictureForm]*videoRendition
	stop       func()
}

// placement is a publication on its slot.
type placement struct {
	slot    *compose.Slot
	release func()
}

// openMontage begins to compose. Errors: errNoStudio, those of compose.New.
func openMontage(r *Room, key montageKey) (*montage, error) {
	m := &montage{
		room: r, key: key, slots: make(map[*publication]*placement), renditions: make(map[pictureForm]*videoRendition),
	}
	scalers, err := r.registry.studio.scalers()
	if err != nil {
		return nil, err
	}
	m.compositor, err = compose.New(compose.Config{
		Width: key.width, Height: key.height, Scalers: scalers, Glide: compose.DefaultGlide,
	})
	if err != nil {
		return nil, fmt.Errorf("rooms: compose %dx%d: %w", key.width, key.height, err)
	}
	if m.stop, err = r.registry.studio.begin("compose pictures", m.run); err != nil {
		_ = m.compositor.Close()
		return nil, err
	}
	return m, nil
}

// run composes as often as anything can have changed; where nothing has, or nobody looks, that costs nothing.
func (m *montage) run(ctx context.Context) error {
	defer func() { _ = m.compositor.Close() }()
	beat := time.NewTicker(time.Second / pictureRate)
	defer beat.Stop()
	begun := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
		}
		if m.out.Len() == 0 {
			continue
		}
		if _, err := m.compositor.Step(videoClock(time.Since(begun)), &m.out); err != nil {
			return fmt.Errorf("rooms: compose: %w", err)
		}
	}
}

// videoClock is a time in ticks of 90 kHz.
func videoClock(d time.Duration) uint32 { return uint32(d * 90 / time.Millisecond) }

// show brings the montage to what the room shows now.
func (m *montage) show(p *program) {
	order := make([]*compose.Slot, 0, len(p.tiles))
	seen := make(map[*publication]bool, len(p.tiles))
	layout := compose.Auto
	for _, t := range p.tiles {
		if t.publication.owner == m.key.without {
			continue
		}
		at := m.place(t)
		at.slot.SetLabel(t.label())
		if t.screen && len(order) == 0 {
			layout = compose.Presentation
		}
		order, seen[t.publication] = append(order, at.slot), true
	}
	m.compositor.Arrange(layout, order...)
	m.compositor.SetBanner(p.banner())
	m.compositor.Show(p.card(len(order)))
	for u, at := range m.slots {
		if !seen[u] {
			at.close()
			delete(m.slots, u)
		}
	}
}

// place gives a publication its slot, with its pictures on the way there.
func (m *montage) place(t tile) *placement {
	if at := m.slots[t.publication]; at != nil {
		return at
	}
	at := &placement{slot: m.compositor.Open(), release: func() {}}
	if release, err := t.picture.Pictures(at.slot); err == nil {
		at.release = release
	} else {
		m.room.log.Warn("track cannot be shown", logkey.Track, t.picture.Info().ID, logkey.Err, err)
	}
	m.slots[t.publication] = at
	return at
}

func (at *placement) close() {
	at.release()
	_ = at.slot.Close()
}

// lookAt leads the montage to a leg in the form that it takes. Errors: errNoStudio, transcode.ErrNoPlan, those of Leg.Send.
func (m *montage) lookAt(v viewer, w want) (*eye, error) {
	r := m.renditions[w.form]
	if r == nil {
		var err error
		info := media.TrackInfo{ID: m.room.Number() + "/picture", Source: media.Camera}
		if r, err = newVideoRendition(m.room.registry.studio, info, w.form); err != nil {
			return nil, err
		}
		r.leave = m.out.Add(r)
		m.renditions[w.form] = r
		m.compositor.Redraw()
	}
	r.users++
	release := sync.OnceFunc(func() {
		if r.users--; r.users == 0 {
			r.leave()
			r.stop()
			delete(m.renditions, w.form)
		}
	})
	return newEye(v, w, r.track, m.plan(w.form), release)
}

// plan is how the picture is made for a form; the zero Plan where the Devices have been taken away.
func (m *montage) plan(form pictureForm) transcode.Plan {
	f := m.room.registry.studio.engines()
	if f == nil {
		return transcode.Plan{}
	}
	limits := media.PictureLimits{FrameRate: form.rate, Bitrate: form.bitrate, NAL: form.nal}
	plan, err := transcode.PlanComposed(form.width, form.height, form.codec, limits, f.Devices)
	if err != nil {
		m.room.log.Warn("picture cannot be made", logkey.Err, err)
	}
	return plan
}

// close ends it; nobody looks any more.
func (m *montage) close() {
	for _, at := range m.slots {
		at.close()
	}
	m.stop()
}
