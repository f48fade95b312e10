package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"

	"legroom/gateway/meeting"
	"legroom/peer"
	"legroom/rooms"
)

// place is a visit's in the group of an encrypted room; empty in an open one.
type place struct {
	meeting *meeting.Meeting
	guard   func(payload []byte) (own, seated bool)
}

// seated joins the group's delivery service where the room is encrypted. Nobody has offered anything yet.
func (v *visit) seated() {
	if v.meeting = v.hub.cfg.Meetings.Of(v.who.Room()); v.meeting == nil {
		return
	}
	v.guard = v.meeting.Guard(v.who)
	v.hub.agreement.enter(v.who.Room().Number())
}

// own tells whether a sealed packet of sound names the leaf of this very browser: a member could speak as another
// otherwise. Before there is a group nothing is. A browser that has no leaf, or none any more, may still be sending, and each
// begins with packets of padding that hold nothing: neither is worth an alarm.
func (v *visit) own(payload []byte) peer.Verdict {
	if v.guard == nil {
		return peer.Drop
	}
	switch own, seated := v.guard(payload); {
	case own:
		return peer.Pass
	case !seated || len(payload) == 0:
		return peer.Drop
	default:
		return peer.Alarm
	}
}

// enterMeeting makes a connection the one that hears of the group. What is said to it stays with it: a later connection
// is told all of its own.
func (v *visit) enterMeeting(s *socket) {
	if v.meeting != nil {
		s.member = v.meeting.Enter(v.who, func(message json.RawMessage) { s.send(&ServerMeeting{Message: message}) })
	}
}

// leaveMeeting tells that the connection broke; the leaf stays.
func (s *socket) leaveMeeting() {
	if s.member != nil {
		s.member.Leave()
	}
}

// goneFromMeeting ends what seated began.
func (v *visit) goneFromMeeting() {
	if v.meeting != nil {
		v.meeting.Gone(v.who)
		v.hub.agreement.leave(v.who.Room().Number())
	}
}

// tellMeeting hands a message on to the group's delivery service, which answers by itself.
func (v *visit) tellMeeting(s *socket, m *ClientMeeting) error {
	if s.member == nil {
		return ErrNoMeeting
	}
	if err := s.member.Handle(m.Message); errors.Is(err, meeting.ErrMessage) {
		return &MessageError{Re: m.Re, Type: m.messageType(), Msg: "message is none of the group's"}
	} else if err != nil {
		return err
	}
	return nil
}

// encryption is what a client is told of its room; nil for an open one.
func (v *visit) encryption(p rooms.Policy) *Encryption {
	if !p.Mode.Encrypted() {
		return nil
	}
	id := v.hub.cfg.Identity
	e := &Encryption{
		Gateway: keyText(id.Key()), GatewayFingerprint: id.Fingerprint().String(), MaxScope: MaxScope(p.MaxScope),
		VetoRule: VetoRule(p.VetoRule), AutoAdmit: !p.Lobby,
	}
	if owner, pinned, known := v.hub.cfg.Owners.Owner(p.Number); known {
		e.Owner, e.OwnerPinned = keyText(owner), pinned
	}
	return e
}

func keyText(k [32]byte) string { return base64.RawURLEncoding.EncodeToString(k[:]) }
