package sip_test

import (
	"context"
	"errors"
	"testing"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/siptest"
)

// TestProgress: a caller hears us before a refusal, and such a call can only be refused.
func TestProgress(t *testing.T) {
	faults := make(chan error, 3)
	b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		leg, err := d.Progress()
		if err != nil {
			faults <- err
			_ = d.Reject(sip.ErrNotFound)
			return
		}
		_, again := d.Progress()
		_, answer := d.Answer(ctx)
		faults <- again
		faults <- answer
		out, err := leg.Send(media.TrackInfo{ID: "words", Source: media.Mix, Codec: leg.Codec(), Layers: 1})
		faults <- err
		if err == nil {
			_ = out.Close()
		}
		_ = d.Reject(sip.ErrEmergency)
	}))
	p := b.phone(siptest.Options{})
	call := p.Invite("112").Early()
	for _, want := range []error{sip.ErrState, sip.ErrState, nil} {
		if err := <-faults; !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if res := call.Final(); res.Status() != 403 {
		t.Errorf("got %s", res)
	}
	p.Invite("112", func(m *siptest.Message) { m.Body = "" }).Final()
	if err := <-faults; !errors.Is(err, sip.ErrNoAudio) {
		t.Errorf("%v, want no audio", err)
	}
	eventually(t, "nothing left", func() bool { return b.Dialogs() == 0 })
}
