package sip

import (
	"slices"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// arrived sees every message where it is read, before it goes to a goroutine of its own: requests get our tag, and those
// of a dialog their place in its order.
func (s *Server) arrived(m gosip.Message) {
	req, ok := m.(*gosip.Request)
	if !ok {
		return
	}
	s.tags.normalize(req)
	if req.IsAck() || req.IsCancel() || s.tags.initial(req) {
		return
	}
	if d := s.dialogs.find(idOf(req)); d != nil {
		d.turns.announce(cseq(req))
	}
}

// idOf the dialog a request of the other side belongs to: its To tag is ours.
func idOf(req *gosip.Request) dialogID {
	return dialogID{callID: callID(req), local: toTag(req), remote: fromTag(req)}
}

// handle is where each new request comes out of the transaction layer, on a goroutine of its own.
func (s *Server) handle(req *gosip.Request, tx *gosip.ServerTx) {
	if req.IsAck() {
		s.acked(req)
		tx.Terminate()
		return
	}
	if f := s.vet(req); f != nil {
		s.reply(req, tx, f.code, f.reason, f.headers...)
		return
	}
	if !s.tags.initial(req) {
		s.inDialog(req, tx)
		return
	}
	switch req.Method {
	case gosip.INVITE:
		s.invited(req, tx)
	case gosip.OPTIONS:
		s.options(req, tx)
	case gosip.CANCEL, gosip.BYE, gosip.UPDATE, gosip.INFO, gosip.PRACK:
		s.reply(req, tx, 481, "Call/Transaction Does Not Exist")
	default:
		s.unsupported(req, tx)
	}
}

// flaw is why a request is refused whatever it wants.
type flaw struct {
	code    int
	reason  string
	headers []gosip.Header
}

// vet checks what holds for every request (RFC 3261 section 8.2).
func (s *Server) vet(req *gosip.Request) *flaw {
	switch {
	case req.SipVersion != "SIP/2.0":
		return &flaw{code: 505, reason: "Version Not Supported"}
	case req.To() == nil || req.From() == nil || req.CallID() == nil || req.CSeq() == nil:
		return &flaw{code: 400, reason: "Mandatory Header Field Missing"}
	case !strings.EqualFold(string(req.CSeq().MethodName), string(req.Method)):
		return &flaw{code: 400, reason: "CSeq Method Does Not Match"}
	case fromTag(req) == "" && req.Method != gosip.OPTIONS:
		return &flaw{code: 400, reason: "From Tag Missing"}
	case !slices.Contains([]string{"sip", "sips", "tel"}, req.Recipient.Scheme):
		return &flaw{code: 416, reason: "Unsupported URI Scheme"}
	case spaced(req.Recipient.Host):
		return &flaw{code: 400, reason: "Malformed Request-URI"}
	}
	if h := req.MaxForwards(); h != nil && (h.Val() > 255 || h.Val() == 0 && req.Method != gosip.OPTIONS) {
		if h.Val() > 255 {
			return &flaw{code: 400, reason: "Malformed Max-Forwards"}
		}
		return &flaw{code: 483, reason: "Too Many Hops"}
	}
	if req.IsCancel() {
		// RFC 3261 section 8.2.2.3: Require does not count for CANCEL.
		return nil
	}
	var unknown []string
	for _, t := range tokens(req, "require", "") {
		if t != extensions {
			unknown = append(unknown, t)
		}
	}
	if len(unknown) > 0 {
		return &flaw{code: 420, reason: "Bad Extension", headers: []gosip.Header{
			gosip.NewHeader("Unsupported", strings.Join(unknown, ", ")),
		}}
	}
	return nil
}

func spaced(s string) bool { return s == "" || strings.ContainsAny(s, " \t<>") }

// options answers what we can do (RFC 3261 section 11.2); while we go down it tells a trunk to look elsewhere.
func (s *Server) options(req *gosip.Request, tx *gosip.ServerTx) {
	if s.dialogs.isDraining() {
		s.reply(req, tx, 503, "Service Unavailable", retryAfter(time.Minute))
		return
	}
	s.reply(req, tx, 200, "OK", abilities()...)
}

func abilities() []gosip.Header {
	return []gosip.Header{
		gosip.NewHeader("Allow", allowed), gosip.NewHeader("Accept", "application/sdp"), gosip.NewHeader("Supported", extensions),
	}
}

// unsupported answers methods we do not have: 405 for those that exist, 501 for those nobody heard of.
func (s *Server) unsupported(req *gosip.Request, tx *gosip.ServerTx) {
	switch req.Method {
	case gosip.REGISTER, gosip.SUBSCRIBE, gosip.NOTIFY, gosip.MESSAGE, gosip.PUBLISH, gosip.REFER, gosip.PRACK:
		s.reply(req, tx, 405, "Method Not Allowed", gosip.NewHeader("Allow", allowed))
	default:
		s.reply(req, tx, 501, "Not Implemented", gosip.NewHeader("Allow", allowed))
	}
}

// acked takes the ACK of a 2xx; those of other answers end in the transaction layer.
func (s *Server) acked(req *gosip.Request) {
	if d := s.dialogs.find(idOf(req)); d != nil {
		d.acked(req)
	}
}

// inDialog finds the dialog of a request and gives it its turn.
func (s *Server) inDialog(req *gosip.Request, tx *gosip.ServerTx) {
	d := s.dialogs.find(idOf(req))
	if d == nil || req.IsCancel() {
		s.reply(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	if !d.turns.enter(cseq(req)) {
		s.reply(req, tx, 500, "CSeq Out Of Order", retryAfter(time.Second))
		return
	}
	defer d.turns.leave()
	switch req.Method {
	case gosip.INVITE:
		d.reinvited(req, tx)
	case gosip.BYE:
		d.byed(req, tx)
	case gosip.UPDATE:
		d.updated(req, tx)
	case gosip.INFO:
		d.informed(req, tx)
	case gosip.OPTIONS:
		s.reply(req, tx, 200, "OK", abilities()...)
	case gosip.REFER:
		// Transfers would move a caller out of the room's reach; the phone can hang up and dial instead.
		s.reply(req, tx, 603, "Decline")
	default:
		s.unsupported(req, tx)
	}
}
