package peer

import (
	"maps"
	"slices"
	"time"

	"legroom/internal/logkey"
	"legroom/media"
)

// Accepts lists the codecs that the browser takes, most wanted first: what was negotiated, or before an offer what
// would be.
func (l *Leg) Accepts(kind media.Kind) []media.Codec {
	var out []media.Codec
	for _, d := range l.slots() {
		if d.kind != kind {
			continue
		}
		for _, c := range d.codecs() {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	if out != nil {
		return out
	}
	switch kind {
	case media.Audio:
		return slices.Clone(offeredAudio)
	case media.Video:
		return videoOf(l.roomCodec())
	default:
		return nil
	}
}

// Capacity is the number of slots that were negotiated for a kind.
func (l *Leg) Capacity(kind media.Kind) int {
	n := 0
	for _, d := range l.slots() {
		if d.kind == kind {
			n++
		}
	}
	return n
}

// Send puts a Track on a free slot and returns what takes its packets; closing that frees the slot. A participant gets
// the slot back that it had last, if that is free: the browser then has nothing to move.
// Errors: *SendError (ErrNoSlot, ErrNoCodec), ErrClosed.
func (l *Leg) Send(track media.TrackInfo) (media.Sink[*media.Packet], error) {
	kind := track.Kind()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn.closed {
		return nil, ErrClosed
	}
	slot, fmt, err := pick(l.conn.slots, kind, track)
	if err != nil {
		return nil, &SendError{Track: track.ID, Codec: track.Codec, Cause: err}
	}
	f := &feed{slot: slot, track: track, format: fmt, ended: l.ended}
	if kind == media.Video {
		f.origin = l.engine.origin(track)
	}
	l.conn.feeds[f] = struct{}{}
	slot.put(f)
	l.log.Debug("peer: slot filled", logkey.Track, track.ID, logkey.Source, track.Source.String(), logkey.Codec, track.Codec.String())
	l.share.stale.Store(true)
	l.told.slots.Store(true)
	l.kick()
	return f, nil
}

// pick chooses a free slot: the one that this participant's source had before, else the one that has been free longest.
func pick(slots []*DownTrack, kind media.Kind, track media.TrackInfo) (*DownTrack, format, error) {
	var best *DownTrack
	var with format
	var bestSame bool
	var bestFreed time.Time
	cause := ErrNoSlot
	for _, d := range slots {
		if d.kind != kind || !d.isFree() {
			continue
		}
		f, ok := d.format(track.Codec)
		if !ok {
			cause = ErrNoCodec
			continue
		}
		d.mu.Lock()
		same := d.last.Participant == track.Participant && d.last.Source == track.Source && track.Participant != ""
		freed := d.freed
		d.mu.Unlock()
		if best == nil || same && !bestSame || same == bestSame && freed.Before(bestFreed) {
			best, with, bestSame, bestFreed = d, f, same, freed
		}
	}
	if best == nil {
		return nil, format{}, cause
	}
	return best, with, nil
}

func (d *DownTrack) isFree() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.feed == nil && len(d.wire.formats) > 0
}

// ended is told by a feed that has left its slot.
func (l *Leg) ended(f *feed) {
	l.mu.Lock()
	delete(l.conn.feeds, f)
	l.mu.Unlock()
	if f.origin != nil {
		l.engine.release(f.track.ID, f.origin)
	}
	l.told.slots.Store(true)
	l.kick()
}

// View tells which videos are on the browser's screen and how large: layers are chosen by it. A video that is sent but
// not named is not visible and is paused. Before the first call everything counts as shown at medium size.
func (l *Leg) View(views []View) {
	next := make(map[viewKey]View, len(views))
	for _, v := range views {
		k := viewKey{v.Participant, v.Source}
		// Shown twice: the larger one counts.
		if v.Height > next[k].Height || next[k].Participant == "" {
			next[k] = v
		}
	}
	l.mu.Lock()
	same := l.conn.viewed && maps.Equal(l.conn.views, next)
	l.conn.views, l.conn.viewed = next, true
	l.mu.Unlock()
	if !same {
		l.share.stale.Store(true)
		l.kick()
	}
}

// Slots tells what every slot carries now, in the order of the m-lines.
func (l *Leg) Slots() []Slot {
	slots := l.slots()
	out := make([]Slot, 0, len(slots))
	for _, d := range slots {
		out = append(out, d.carries())
	}
	return out
}
