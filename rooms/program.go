package rooms

import (
	"cmp"
	"slices"

	"legroom/media"
)

// Viewer is a Leg that takes one picture, as a room system does: its Capacity of media.Video is 1. When its codec or its
// limits change, the leg's owner calls Participant.Reframe.
type Viewer interface {
	Leg
	// PictureLimits is what may be sent to it now.
	PictureLimits() media.PictureLimits
}

// maxTiles is how many people are shown at once.
const maxTiles = 16

// program is what a room shows at one moment, and to whom. It never changes.
type program struct {
	tiles     []tile
	viewers   []viewer
	room      string // its name
	encrypted bool
	phones    int
	recorders int
}

// tile is somebody who is seen, or a screen.
type tile struct {
	publication *publication
	picture     *ClearTrack
	name        string
	kind        LegKind
	screen      bool
	muted, hand bool
	speaking    bool
}

// viewer is a leg that sees.
type viewer struct {
	participant *Participant
	leg         Viewer
	codec       media.Codec
	limits      media.PictureLimits
}

// looks tells whether the leg takes one picture.
func (p *Participant) looks() (Viewer, bool) {
	v, ok := p.request.Leg.(Viewer)
	return v, ok && v.Capacity(media.Video) == 1
}

// program is what the room should show now, nil when nobody looks. Called locked.
func (r *Room) program(joined []*Participant) *program {
	p := &program{room: r.policy.Name, encrypted: r.policy.Mode.Encrypted()}
	for _, each := range joined {
		switch each.request.Kind {
		case Phone:
			p.phones++
		case Recorder:
			p.recorders++
		}
		leg, ok := each.looks()
		if !ok {
			continue
		}
		if accepts := leg.Accepts(media.Video); len(accepts) > 0 {
			p.viewers = append(p.viewers, viewer{each, leg, accepts[0], leg.PictureLimits()})
		}
	}
	if len(p.viewers) == 0 {
		return nil
	}
	p.tiles = r.tiles()
	return p
}

// tiles are the pictures that the gateway may show. Few keep the order in which they came. Of many the active speaker comes
// first, where there is a large place, and who has been silent longest has none. Called locked.
func (r *Room) tiles() []tile {
	shown := make([]*publication, 0, len(r.stage.videos))
	for _, u := range r.stage.videos {
		if u.clear != nil {
			shown = append(shown, u)
		}
	}
	if len(shown) > maxTiles {
		slices.SortStableFunc(shown, func(a, b *publication) int {
			return cmp.Or(cmp.Compare(b.screen(), a.screen()), cmp.Compare(b.owner.spoke(), a.owner.spoke()))
		})
		kept := shown[:maxTiles]
		shown = slices.DeleteFunc(slices.Clone(r.stage.videos), func(u *publication) bool { return !slices.Contains(kept, u) })
	}
	var speaker *Participant
	if r.stage.speaker != nil {
		speaker = r.stage.speaker.owner
	}
	first := func(u *publication) int {
		switch {
		case u.screen() == 1:
			return 0
		case len(shown) > 4 && u.owner == speaker:
			return 1
		default:
			return 2
		}
	}
	slices.SortStableFunc(shown, func(a, b *publication) int { return cmp.Compare(first(a), first(b)) })
	tiles := make([]tile, 0, len(shown))
	for _, u := range shown {
		b := &u.owner.badge
		tiles = append(tiles, tile{
			publication: u, picture: u.clear, name: b.Name, kind: b.Kind, screen: u.screen() == 1,
			muted: b.Muted, hand: b.Hand, speaking: u.owner == speaker,
		})
	}
	return tiles
}

// others are the tiles that a participant sees: nobody is shown to himself.
func (p *program) others(of *Participant) []tile {
	return slices.DeleteFunc(slices.Clone(p.tiles), func(t tile) bool { return t.publication.owner == of })
}

// has tells whether a participant is on a tile.
func (p *program) has(who *Participant) bool {
	return slices.ContainsFunc(p.tiles, func(t tile) bool { return t.publication.owner == who })
}
