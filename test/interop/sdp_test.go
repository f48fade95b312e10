// Package interop holds what real endpoints send and what the gateway makes of it.
package interop

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"legroom/media"
	"legroom/sip/sdp"
)

var update = flag.Bool("update", false, "write the goldens anew")

// knownFailing names bodies the gateway does not yet answer as it should, with the reason.
var knownFailing = map[string]string{}

// capabilities are those of a gateway on a public address, all kinds of SRTP optional, keys always the same.
func capabilities(six bool) sdp.Capabilities {
	caps := sdp.Capabilities{
		Address: netip.MustParseAddr("203.0.113.5"),
		Media: []sdp.LocalMedia{{
			Kind: media.Audio,
			Codecs: []media.Codec{
				{Name: media.Opus, ClockRate: 48000, Channels: 2},
				{Name: media.G722, ClockRate: 8000, Channels: 1},
				{Name: media.PCMU, ClockRate: 8000, Channels: 1},
				{Name: media.PCMA, ClockRate: 8000, Channels: 1},
			},
			Port: 20000, RTCPPort: 20001, Events: true,
		}},
		Fingerprint: sdp.FingerprintOf([]byte("a certificate")),
		SessionID:   4711,
	}
	if six {
		caps.Address = netip.MustParseAddr("2001:db8:ffff::5")
	}
	return caps
}

// body reads a capture; of a multipart one the SDP part.
func body(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(path) != ".multipart" {
		return b
	}
	r := multipart.NewReader(bytes.NewReader(b), "sonus-content-delim")
	for {
		part, err := r.NextPart()
		if err != nil {
			t.Fatalf("no SDP part in %s: %v", path, err)
		}
		if part.Header.Get("Content-Type") == "application/sdp" {
			b, err = io.ReadAll(part)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
}

func captures(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.sdp", "*.multipart"} {
		list, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
	}
	if len(out) < 28 {
		t.Fatalf("only %d captures found", len(out))
	}
	return out
}

func answer(t *testing.T, path string) (*sdp.Description, *sdp.Negotiation, error) {
	t.Helper()
	offer, err := sdp.Parse(body(t, path))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	n, err := sdp.Answer(offer, capabilities(strings.Contains(path, "ipv6")))
	if n == nil {
		t.Fatalf("no negotiation: %v", err)
	}
	return offer, n, err
}

// TestGoldens compares answer and words with the files beside the captures; -update writes them.
func TestGoldens(t *testing.T) {
	for _, path := range captures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if reason, ok := knownFailing[filepath.Base(path)]; ok {
				t.Skip(reason)
			}
			offer, n, err := answer(t, path)
			var w strings.Builder
			if err != nil {
				fmt.Fprintf(&w, "error: %v\n\n", err)
			}
			for _, r := range n.Why {
				fmt.Fprintf(&w, "%d %-5v %s\n        %s\n", r.Media, r.Taken, r.Subject, r.Text)
			}
			fmt.Fprintf(&w, "\n%s", bytes.ReplaceAll(n.Local.Bytes(), []byte("\r\n"), []byte("\n")))
			golden(t, path+".golden", w.String())
			inPlace(t, offer, n.Local)
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s; got\n%s", path, got)
	}
}

// inPlace checks the rules every answer keeps: RFC 3264 section 6.
func inPlace(t *testing.T, offer, answer *sdp.Description) {
	t.Helper()
	if len(offer.Media) != len(answer.Media) {
		t.Fatalf("%d lines for %d", len(answer.Media), len(offer.Media))
	}
	for i := range offer.Media {
		o, a := &offer.Media[i], &answer.Media[i]
		if o.Media != a.Media || o.Protocol != a.Protocol || len(a.Formats) == 0 {
			t.Errorf("line %d: %q answers %q", i, a.Media, o.Media)
		}
		if o.Port == 0 && a.Port != 0 {
			t.Errorf("line %d: opened a closed line", i)
		}
	}
}

// TestWhatMatters states by hand what the notes beside the captures ask for, so that a golden cannot be wrong unseen.
func TestWhatMatters(t *testing.T) {
	type want struct {
		codec    media.CodecName
		pt       uint8
		security sdp.Security
		dir      sdp.Direction
		event    uint8
		events   int
		index    int
		err      error
	}
	cases := map[string]want{
		"aac-eld-offer.sdp":                  {codec: media.G722, pt: 9, event: 101, events: 1},
		"asterisk22-offer.sdp":               {codec: media.PCMU, pt: 0, event: 101, events: 2},
		"audiocodes-sbc-answer-ice-lite.sdp": {err: sdp.ErrNoCommonCodec},
		"audiocodes-sbc-from-teams.sdp":      {codec: media.PCMA, pt: 8, event: 101, events: 1},
		"baresip-1.0-srtp-video.sdp":         {codec: media.PCMU, pt: 0, security: sdp.SDES, event: 101, events: 1},
		"bfcp-tcp-tls.sdp":                   {codec: media.PCMU, pt: 0, index: 1},
		"cisco-ce-offer.sdp":                 {codec: media.Opus, pt: 114, event: 101, events: 1},
		"cisco-cucm-answer.sdp":              {codec: media.G722, pt: 9, event: 101, events: 1},
		"cisco-uccx-mrcp.sdp":                {codec: media.PCMU, pt: 0, dir: sdp.SendOnly, event: 96, events: 1},
		"didww-audio-and-t38.sdp":            {codec: media.PCMU, pt: 0, event: 101, events: 1},
		"early-media-183.sdp":                {codec: media.PCMA, pt: 8, dir: sdp.RecvOnly, event: 96, events: 1},
		"fecc-srtp-optional-offer.sdp":       {codec: media.G722, pt: 9, security: sdp.SDES, event: 97, events: 1},
		"freeswitch-2012-static.sdp":         {codec: media.PCMU, pt: 0, event: 101, events: 1},
		"hold-sendonly-reinvite.sdp":         {codec: media.PCMU, pt: 0, dir: sdp.RecvOnly, event: 101, events: 1},
		"ipv6-offer.sdp":                     {codec: media.G722, pt: 9},
		"linksys-pap2-nse.sdp":               {codec: media.PCMU, pt: 0, event: 101, events: 1},
		"linphone-5.1-audio-video.sdp":       {codec: media.Opus, pt: 96, event: 99, events: 3},
		"linphone-srtp-gcm.sdp":              {codec: media.Opus, pt: 96, security: sdp.SDES, event: 97, events: 2},
		"media-server-lowercase-dup-te.sdp":  {codec: media.PCMA, pt: 8, event: 101, events: 2},
		"nat-private-address.sdp":            {codec: media.PCMA, pt: 8, event: 101, events: 1},
		"pjsua-video-h263.sdp":               {codec: media.PCMU, pt: 0, event: 121, events: 1},
		"polycom-group-offer.sdp":            {codec: media.G722, pt: 9, event: 119, events: 1},
		"polycom-vvx410-dual-audio.sdp":      {codec: media.G722, pt: 9, security: sdp.SDES, event: 127, events: 1},
		"rtpengine-dtls-and-sdes.sdp":        {codec: media.PCMU, pt: 0, security: sdp.DTLS, event: 101, events: 2},
		"samsung-volte-offer.sdp":            {err: sdp.ErrNoCommonCodec},
		"sonus-sip-i-multipart.multipart":    {codec: media.PCMA, pt: 8, event: 101, events: 1},
		"tandberg-offer.sdp":                 {codec: media.PCMA, pt: 8, event: 101, events: 1},
		"twilio-invite.sdp":                  {codec: media.PCMU, pt: 0, event: 101, events: 1},
		"zoiper-many-crypto.sdp":             {codec: media.G722, pt: 9, security: sdp.SDES, event: 101, events: 1},
	}
	for _, path := range captures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			w, ok := cases[filepath.Base(path)]
			if !ok {
				t.Fatal("no expectation written for this capture")
			}
			_, n, err := answer(t, path)
			if !errors.Is(err, w.err) || w.err != nil {
				if w.err == nil || !errors.Is(err, w.err) {
					t.Fatalf("error %v, want %v", err, w.err)
				}
				return
			}
			a, ok := n.Audio()
			if !ok {
				t.Fatal("no audio")
			}
			got := want{codec: a.Codec.Name, pt: a.PayloadType, security: a.Keys.Security, dir: a.Direction,
				events: len(a.Events), index: a.Index}
			if len(a.Events) > 0 {
				got.event = a.Events[0].PayloadType
			}
			if got != w {
				t.Errorf("got %+v, want %+v", got, w)
			}
			for i := range n.Local.Media {
				if (n.Local.Media[i].Port != 0) != (i == w.index) {
					t.Errorf("line %d: port %d", i, n.Local.Media[i].Port)
				}
			}
		})
	}
}

// TestHoldKeepsTheRunningCodec: the far end offers all codecs again while it holds.
func TestHoldKeepsTheRunningCodec(t *testing.T) {
	offer, err := sdp.Parse(body(t, "testdata/hold-sendonly-reinvite.sdp"))
	if err != nil {
		t.Fatal(err)
	}
	caps := capabilities(false)
	caps.Media[0].Codecs = caps.Media[0].Codecs[:1] // Opus alone ran
	first, err := sdp.Answer(offer, caps)
	if err != nil {
		t.Fatal(err)
	}
	again := capabilities(false)
	again.Previous = first
	n, err := sdp.Answer(offer, again)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := n.Audio(); a.Codec.Name != media.Opus || n.Changed {
		t.Errorf("codec %v, changed %v; want opus and the same answer", a.Codec, n.Changed)
	}
}

// TestLateOffer checks that an INVITE without a body can be answered with an offer (late-offer-cucm.sip).
func TestLateOffer(t *testing.T) {
	golden(t, "testdata/late-offer-cucm.sip.golden",
		string(bytes.ReplaceAll(sdp.Offer(capabilities(false)).Bytes(), []byte("\r\n"), []byte("\n"))))
}

// TestPeersAnswer reads the captured answers as answers to an offer of ours.
func TestPeersAnswer(t *testing.T) {
	cases := map[string]struct {
		codec media.CodecName
		err   error
		clear bool
	}{
		"early-media-183.sdp":                {codec: media.PCMA},
		"audiocodes-sbc-answer-ice-lite.sdp": {err: sdp.ErrNoCommonCodec},
		"cisco-cucm-answer.sdp":              {codec: media.G722},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			caps := capabilities(false)
			offer := sdp.Offer(caps)
			theirs, err := sdp.Parse(body(t, filepath.Join("testdata", name)))
			if err != nil {
				t.Fatal(err)
			}
			theirs.Media = theirs.Media[:1] // of the line we offered
			n, err := sdp.Accept(offer, theirs, caps)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if c.err != nil {
				return
			}
			if a, _ := n.Audio(); a.Codec.Name != c.codec || a.Keys.Security != sdp.Clear {
				t.Errorf("got %v %v", a.Codec, a.Keys.Security)
			}
		})
	}
}
