package visit

import (
	"context"
	"slices"

	"legroom/gateway/api"
)

// enter opens media when both the gateway and the group have let in.
func (v *visit) enter(ctx context.Context) error {
	if !v.admitted || v.media != nil || v.welcome == nil || v.key != nil && v.member == nil {
		return nil
	}
	r, err := newReceiver(v.welcome, v.cfg.Invitation.Server, v.seen)
	if err != nil {
		return err
	}
	v.media = r
	sdp, err := r.offer(ctx)
	if err != nil {
		return err
	}
	if err := v.line.send(ctx, &api.Offer{Head: api.Head{Type: "offer"}, ID: 1, SDP: sdp, Tracks: []api.OfferTrack{}}); err != nil {
		return err
	}
	return v.view(ctx)
}

func (v *visit) answered(a *api.Answer) error {
	if v.media == nil {
		return nil
	}
	return v.media.answered(a.SDP)
}

func (v *visit) candidate(c *api.ServerCandidate) error {
	if v.media != nil && c.Candidate != "" {
		v.media.candidate(c)
	}
	return nil
}

func (v *visit) roster(ctx context.Context, r *api.Roster) error {
	v.seen.changed(func() {
		clear(v.seen.people)
		v.seen.know(r.Participants)
	})
	return v.view(ctx)
}

func (v *visit) rosterChange(ctx context.Context, r *api.RosterChange) error {
	v.seen.changed(func() {
		v.seen.know(r.Upsert)
		for _, id := range r.Gone {
			delete(v.seen.people, id)
		}
	})
	return v.view(ctx)
}

func (v *visit) slots(_ context.Context, s *api.Slots) error {
	v.seen.changed(func() {
		clear(v.seen.slots)
		for _, item := range s.Items {
			v.seen.slots[item.MID] = item
		}
	})
	return nil
}

// view asks for all pictures that there are slots for.
func (v *visit) view(ctx context.Context) error {
	if v.media == nil {
		return nil
	}
	items := []api.ViewItem{}
	for _, p := range v.seen.present() {
		for _, s := range []api.Source{api.SourceCamera, api.SourceScreen} {
			if slices.Contains(p.Sources, s) && len(items) < v.welcome.Slots.Video {
				items = append(items, api.ViewItem{Participant: p.ID, Source: s, Width: 640, Height: 360})
			}
		}
	}
	return v.line.send(ctx, &api.View{Head: api.Head{Type: "view"}, Items: items})
}
