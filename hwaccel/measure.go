package hwaccel

import (
	"context"
	"slices"
	"sync"
	"time"

	"legroom/media"
)

// What is measured: the picture that room systems send, long enough that the first ones do not count for much.
const (
	measureWidth    = 1280
	measureHeight   = 720
	measurePictures = 30
	// cardLanes is how many streams keep a card busy: one waits for each of its pictures most of the time.
	cardLanes = 4
)

// sizes that are tried, the largest first.
func sizes() [][2]int { return [][2]int{{3840, 2160}, {1920, 1080}, {measureWidth, measureHeight}} }

// Measure finds by doing how large pictures may be and how fast they go at 1280x720, of what an earlier Probe found: on a
// processor in one stream, as each takes a core, and on a card, whose Capacity limits its engines, in four at a time. A
// stream that nobody here can make, and what ctx cuts off, leaves what was found. It takes some seconds.
func Measure(ctx context.Context, d, reference Device, found Capabilities) Capabilities {
	m := &measure{probe: newProbe(d, reference, patterns(measureWidth, measureHeight, probePictures)), lanes: cardLanes}
	for _, z := range sizes() {
		m.large = append(m.large, Pattern(z[0], z[1], 0))
	}
	if found.Capacity.Total > 0 {
		m.lanes = 1
	}
	found.Decode, found.Encode, found.Scale = slices.Clone(found.Decode), slices.Clone(found.Encode), slices.Clone(found.Scale)
	for _, op := range operations() {
		list := found.Of(op)
		for i := range list {
			if ctx.Err() != nil {
				return found
			}
			m.size(op, &list[i])
			m.speed(op, &list[i])
		}
	}
	return found
}

type measure struct {
	*probe
	lanes int
	// large is a picture of each of the sizes.
	large []*media.Picture
}

// size finds the largest that comes back.
func (m *measure) size(op Operation, able *Capability) {
	if op == Scale || Sample(able.Codec) != nil && m.other(Encode, able.Codec) == m.device && op == Decode {
		return // no stream of another size is to be had
	}
	for _, picture := range m.large {
		if picture.Width > able.MaxWidth || picture.Height > able.MaxHeight {
			continue
		}
		p := newProbe(m.device, m.reference, []*media.Picture{picture})
		try := p.encode
		if op == Decode {
			try = p.fresh
		}
		if _, err := try(able.Codec); err == nil {
			able.MaxWidth, able.MaxHeight = picture.Width, picture.Height
			return
		}
	}
	able.MaxWidth, able.MaxHeight = probeWidth, probeHeight
}

// fresh decodes what was made for it and is not stored.
func (p *probe) fresh(codec media.CodecName) ([]time.Duration, error) {
	frames, _, err := encodeAll(p.other(Encode, codec), codec, p.pictures)
	if err != nil {
		return nil, err
	}
	return p.decodeAll(p.device, codec, frames)
}

// speed has all lanes work at a time.
func (m *measure) speed(op Operation, able *Capability) {
	if able.MaxWidth < measureWidth || able.MaxHeight < measureHeight {
		return
	}
	var frames []*media.Frame
	if op == Decode {
		var err error
		if frames, _, err = encodeAll(m.other(Encode, able.Codec), able.Codec, m.pictures); err != nil {
			return
		}
	}
	works := make([]func(int) error, m.lanes)
	for i := range works {
		work, done, err := m.lane(op, able.Codec, frames)
		if err != nil {
			return
		}
		defer done()
		works[i] = work
	}
	var wg sync.WaitGroup
	failed := make([]error, m.lanes)
	began := time.Now()
	for i, work := range works {
		wg.Go(func() { // ends after its pictures
			for n := 0; n < measurePictures && failed[i] == nil; n++ {
				failed[i] = work(n)
			}
		})
	}
	wg.Wait()
	took := max(time.Since(began), time.Microsecond)
	if slices.ContainsFunc(failed, func(err error) bool { return err != nil }) {
		return
	}
	pixels := int64(m.lanes) * measurePictures * measureWidth * measureHeight
	able.Speed = pixels * int64(time.Second) / int64(took)
}

// lane opens a stage and says how it does picture n, and how it is closed.
func (m *measure) lane(op Operation, codec media.CodecName, frames []*media.Frame) (func(int) error, func(), error) {
	anyPicture := media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
	anyFrame := media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
	switch op {
	case Decode:
		d, err := m.device.OpenDecoder(DecoderConfig{
			Codec:    media.Codec{Name: codec, ClockRate: 90000},
			MaxWidth: measureWidth, MaxHeight: measureHeight, InMemory: true,
		})
		if err != nil {
			return nil, nil, err
		}
		return func(n int) error { return d.Decode(frames[n%len(frames)], anyPicture) }, func() { _ = d.Close() }, nil
	case Encode:
		e, err := m.device.OpenEncoder(encoderFor(codec, measureWidth, measureHeight))
		if err != nil {
			return nil, nil, err
		}
		return func(n int) error { return e.Encode(m.pictures[n%len(m.pictures)], anyFrame) }, func() { _ = e.Close() }, nil
	default:
		s, err := m.device.OpenScaler(ScalerConfig{Width: measureWidth / 2, Height: measureHeight / 2, InMemory: true})
		if err != nil {
			return nil, nil, err
		}
		return func(n int) error { return s.Scale(m.pictures[n%len(m.pictures)], anyPicture) }, func() { _ = s.Close() }, nil
	}
}
