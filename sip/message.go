package sip

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// allowed methods, as the Allow header says them.
const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"

// extensions we know, by their option tags.
const extensions = "timer"

// values of a header field by its long and compact names, in order.
func values(m gosip.Message, long, compact string) []string {
	var out []string
	for _, h := range m.GetHeaders(long) {
		out = append(out, h.Value())
	}
	if compact != "" {
		for _, h := range m.GetHeaders(compact) {
			out = append(out, h.Value())
		}
	}
	return out
}

// value is the first of values.
func value(m gosip.Message, long, compact string) string {
	if v := values(m, long, compact); len(v) > 0 {
		return v[0]
	}
	return ""
}

// tokens of a header field that is a comma-separated list, in lower case.
func tokens(m gosip.Message, long, compact string) []string {
	var out []string
	for _, v := range values(m, long, compact) {
		for t := range strings.SplitSeq(v, ",") {
			if t = strings.ToLower(strings.TrimSpace(t)); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

func contentType(m gosip.Message) string { return value(m, "content-type", "c") }

// sessionOf reads the session timer header fields.
func sessionOf(m gosip.Message) sessionRequest {
	supported := false
	for _, t := range append(tokens(m, "supported", "k"), tokens(m, "require", "")...) {
		supported = supported || t == "timer"
	}
	return parseSession(value(m, "session-expires", "x"), value(m, "min-se", ""), supported)
}

func fromTag(m gosip.Message) string {
	if h := m.From(); h != nil {
		tag, _ := h.Params.Get("tag")
		return tag
	}
	return ""
}

func toTag(m gosip.Message) string {
	if h := m.To(); h != nil {
		tag, _ := h.Params.Get("tag")
		return tag
	}
	return ""
}

func callID(m gosip.Message) string {
	if h := m.CallID(); h != nil {
		return h.Value()
	}
	return ""
}

func cseq(m gosip.Message) uint32 {
	if h := m.CSeq(); h != nil {
		return h.SeqNo
	}
	return 0
}

// partyOf a URI and display name.
func partyOf(display string, u gosip.Uri) Party {
	return Party{User: unescape(userOf(u)), Host: strings.Trim(u.Host, "[]"), Display: strings.TrimSpace(display)}
}

// userOf gives the user part of sip and sips, and the number of tel (RFC 3966) without its parameters.
func userOf(u gosip.Uri) string {
	if u.Scheme == "tel" {
		number, _, _ := strings.Cut(u.Raw(), ";")
		return number
	}
	user, _, _ := strings.Cut(u.User, ";")
	return user
}

func unescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

// addrOf parses "host:port" as sipgo gives it; the zero value when it is none.
func addrOf(s string) netip.AddrPort {
	ap, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port())
}

// hostPort joins a URI host, with or without brackets, and a port.
func hostPort(host string, port int) string {
	return net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
}

// tagger makes local tags for requests outside dialogs from what identifies the request, so that every answer to one
// request bears the same tag (RFC 3261 section 8.2.6.2), those that sipgo sends by itself too, without anything kept.
type tagger [32]byte

func (t *tagger) tag(m gosip.Message) string {
	h := hmac.New(sha256.New, t[:])
	h.Write([]byte(callID(m)))
	h.Write([]byte{0})
	h.Write([]byte(fromTag(m)))
	if via := m.Via(); via != nil {
		branch, _ := via.Params.Get("branch")
		h.Write([]byte("\x00" + via.Host + "\x00" + branch))
	}
	h.Write([]byte("\x00" + strconv.FormatUint(uint64(cseq(m)), 10)))
	return hex.EncodeToString(h.Sum(nil)[:10])
}

// normalize repairs what the parser leaves, and gives a request outside a dialog our tag. It runs where messages are
// read, before anything else has seen them.
func (t *tagger) normalize(req *gosip.Request) {
	if h := req.CSeq(); h != nil {
		h.MethodName = gosip.RequestMethod(strings.TrimSpace(string(h.MethodName)))
	}
	if to := req.To(); to != nil && !req.IsAck() && toTag(req) == "" {
		to.Params.Remove("tag")
		to.Params.Add("tag", t.tag(req))
	}
}

// initial tells whether the request came without a tag in To.
func (t *tagger) initial(req *gosip.Request) bool {
	tag := toTag(req)
	return tag == "" || tag == t.tag(req)
}

// response to req as it goes out. Its To has a tag already, see normalize.
func (s *Server) response(req *gosip.Request, code int, reason string, extra ...gosip.Header) *gosip.Response {
	res := gosip.NewResponseFromRequest(req, code, reason, nil)
	res.SipVersion = "SIP/2.0"
	if via := res.Via(); via != nil {
		// RFC 3261 section 18.2.1: received where sent-by is not the source.
		if src := addrOf(req.Source()); src.IsValid() && strings.Trim(via.Host, "[]") != src.Addr().String() {
			via.Params.Add("received", src.Addr().String())
		}
	}
	res.AppendHeader(gosip.NewHeader("Server", s.cfg.UserAgent))
	for _, h := range extra {
		res.AppendHeader(h)
	}
	return res
}

// reply answers req on its transaction. A transport error has no one to be told: the other side will repeat or give up.
func (s *Server) reply(req *gosip.Request, tx *gosip.ServerTx, code int, reason string, extra ...gosip.Header) {
	if err := tx.Respond(s.response(req, code, reason, extra...)); err != nil {
		s.noise.Count("respond", "sip answer could not be sent")
	}
}

// replyOnce answers without keeping the transaction: a repeated request is looked at again. For answers that strangers
// can cause in any number.
func (s *Server) replyOnce(req *gosip.Request, tx *gosip.ServerTx, code int, reason string, extra ...gosip.Header) {
	if err := tx.Connection().WriteMsg(s.response(req, code, reason, extra...)); err != nil {
		s.noise.Count("respond", "sip answer could not be sent")
	}
	tx.Terminate()
}

// setSDP puts a session description into a message.
func setSDP(m gosip.Message, body []byte) {
	m.AppendHeader(gosip.NewHeader("Content-Type", "application/sdp"))
	m.SetBody(body)
}

// reasonHeader of RFC 3326 for a cause.
func reasonHeader(cause error) gosip.Header {
	code, text, q850 := StatusOf(cause)
	if code == 200 || q850 == q850Normal {
		text = "Normal Clearing"
	}
	return gosip.NewHeader("Reason", `Q.850;cause=`+strconv.Itoa(q850)+`;text="`+strings.ReplaceAll(text, `"`, "'")+`"`)
}

// retryAfter is a delay for the caller, rounded up to seconds.
func retryAfter(d time.Duration) gosip.Header {
	return gosip.NewHeader("Retry-After", strconv.Itoa(int((d+time.Second-1)/time.Second)))
}
