package trial

import (
	"fmt"
	"io"
	"net/netip"
	"strings"

	"legroom/sip"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// Answer writes the answer that a gateway of that configuration gives to an offer, and in words why each line was taken
// or refused. Ports and keys are examples. Errors: those of sdp.Parse; an *sdp.RefusedError when no sound would come of it,
// with the reasons written all the same.
func Answer(w io.Writer, offer []byte, cfg sip.Config) error {
	description, err := sdp.Parse(offer)
	if err != nil {
		return fmt.Errorf("trial: read offer: %w", err)
	}
	certificate, err := rtpsession.NewCertificate()
	if err != nil {
		return fmt.Errorf("trial: make certificate: %w", err)
	}
	caps := sdp.Capabilities{
		Address: addressFor(description), Media: cfg.LocalMedia(),
		SDES: cfg.RTP.SDES, DTLS: cfg.RTP.DTLS, Secret: sdp.NewSecret(), Fingerprint: certificate.Fingerprint(), SessionID: 1,
	}
	for i := range caps.Media {
		caps.Media[i].Port = max(cfg.RTP.PortMin, 2) + uint16(2*i)
		caps.Media[i].RTCPPort = caps.Media[i].Port + 1
	}
	negotiation, refused := sip.Negotiate(description, caps)
	if refused == nil {
		_, err = fmt.Fprintf(w, "The answer (port and keys are examples):\n\n%s\n", withoutKeys(negotiation.Local.Bytes()))
	} else {
		code, reason, _ := sip.StatusOf(sip.ErrNoCodec) // whatever is missing, the answer is the same
		_, err = fmt.Fprintf(w, "Refused with %d %s: %v.\n\n", code, reason, refused)
	}
	if err != nil {
		return err
	}
	for _, r := range negotiation.Why {
		word := "refused"
		if r.Taken {
			word = "taken"
		}
		if _, err := fmt.Fprintf(w, "%-8s %s\n         %s\n", word, r.Subject, r.Text); err != nil {
			return err
		}
	}
	return refused
}

// withoutKeys leaves out of a description what must never be shown, even where it is only an example.
func withoutKeys(b []byte) string {
	lines := strings.Split(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
	for i, l := range lines {
		if before, _, ok := strings.Cut(l, "inline:"); ok {
			lines[i] = before + "inline:…"
		}
	}
	return strings.Join(lines, "\n")
}

// addressFor is an example address of the IP version that the offer asks for.
func addressFor(d *sdp.Description) netip.Addr {
	for _, m := range d.Media {
		if m.Connection.Addr.Is6() {
			return netip.MustParseAddr("2001:db8::1")
		}
	}
	return netip.MustParseAddr("192.0.2.1")
}
