package sip

import (
	"errors"

	"legroom/internal/logkey"
)

// Progress lets a caller hear us while the call is not answered (early media, RFC 3960): it sends 183 with our
// description and makes the Leg. It is for last words before Reject, where an answer would be a lie to whoever counts
// answered calls or would try another way; such a call cannot be answered any more. The 183 is sent as it is (RFC 3262 is
// not spoken here): who never gets it hears nothing, and is refused all the same.
// Errors: ErrNoAudio when the INVITE brought no offer, which an unreliable 183 could not answer; ErrState, ErrNoMedia and
// the causes of offer and answer. The call is as before then.
func (d *Dialog) Progress() (*Leg, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	inv := d.invite
	switch {
	case d.state != stateIncoming || d.media != nil:
		return nil, d.errIn("progress", ErrState)
	case inv.offer == nil:
		return nil, d.errIn("progress", ErrNoAudio)
	}
	m, err := d.srv.newMedia(d.towards(inv.offer), d.path.flow.Addr(), d.path.transport, d.codecs, nil)
	if err != nil {
		return nil, d.errIn("progress", err)
	}
	body, err := m.answer(inv.offer)
	if err != nil {
		return nil, errors.Join(d.errIn("progress", err), m.close(err))
	}
	d.media, d.leg = m, newLeg(d, m)
	if a, ok := m.Agreed(); ok {
		d.leg.changed(a)
	}
	res := d.srv.response(inv.req, 183, "Session Progress", d.contact())
	setSDP(res, body)
	if err := inv.tx.Respond(res); err != nil {
		d.srv.noise.Count("respond", "sip answer could not be sent")
	}
	d.log.Debug("call hears us unanswered", logkey.Codec, d.leg.Codec().String(), logkey.Security, d.leg.Security().String())
	return d.leg, nil
}
