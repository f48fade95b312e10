//go:build e2e

package e2e

import (
	"crypto/ed25519"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
	"legroom/media"
	"legroom/test/e2e/baresip"
	"legroom/test/e2e/hostile"
)

// operator is the gateway's own key, which whoever runs it has.
func (s *scene) operator(t *testing.T) *e2ee.Identity {
	t.Helper()
	identity, err := e2ee.OpenIdentity(filepath.Join(s.gateway.StateDir(), "gateway.key"))
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

// wish is a request of a telephone system for one line, until the test ends.
func (s *scene) wish(t *testing.T, by *e2ee.Identity, scope ...sframe.Kind) *e2ee.LiveRequest {
	t.Helper()
	asked, err := by.Ask(e2ee.Ask{
		Room: s.room(), Group: s.evil.State().Group, Legs: []e2ee.RequestLeg{{No: 0, Kind: e2ee.Phone, Label: "Front desk", Number: "+49 30 …17"}},
		Scope: e2ee.ScopeOf(scope...), Speak: e2ee.ScopeOf(sframe.Audio), NotAfter: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(asked.Close)
	return asked
}

// ask has a page asked; of bytes that were changed the signature does not hold.
func ask(line *hostile.Line, request []byte, sig e2ee.Signature) {
	line.Tell(hostile.Delivery("asked", hostile.Message{"request": request, "sig": sig[:]}))
}

// The server puts its own gateway's request into force, as if the founder had granted it.
func (s *scene) grantWithoutHost(t *testing.T) {
	f := hostile.NewForgery(s.evil.State())
	commit := f.Grant(s.wish(t, s.operator(t), sframe.Audio))
	for name, page := range s.pages {
		s.evil.Line(name).Forge(f.Epoch(), commit)
		s.refused(t, page, "failure.badCommit.unknown")
		mark(page, "SEALED")
	}
	s.whole(t)
}

// Another telephone system than the room's asks, and one whose request was changed on its way. Nobody is asked anything.
func (s *scene) wrongGatewayKey(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	foreign, changed := s.wish(t, e2ee.NewIdentity(key), sframe.Audio), s.wish(t, s.operator(t), sframe.Audio)
	longer := append([]byte(nil), changed.Encoded()...)
	longer[len(longer)-1] ^= 1
	for name, page := range s.pages {
		line := s.evil.Line(name)
		ask(line, foreign.Encoded(), foreign.Signature())
		s.refused(t, page, "failure.badAsk")
		ask(line, longer, changed.Signature())
		s.refused(t, page, "failure.badAsk")
		page.Gone("[data-testid=ask], [data-testid=ask-note]")
		mark(page, "SEALED")
	}
	s.whole(t)
}

// The gateway asks for cameras too, in a room that gives sound only, and a host lets it in. It gets sound, all pages say
// so, and what it was sealed opens no more. An Add of the rest to what it has is refused, and a guest shuts it out.
func (s *scene) widenedScope(t *testing.T) {
	anna, ben := s.pages["Anna"], s.pages["Ben"]
	if s.rule() != e2ee.VetoHost {
		s.change(t)
	}
	asked := s.wish(t, s.operator(t), sframe.Audio, sframe.Video, sframe.Screen, sframe.ScreenAudio)
	// The gateway that the operator was given knows nothing of that request, and would have it taken back.
	insist := func(m hostile.Message) (on, back []hostile.Message) {
		if m.Kind() == "meeting withdrawn" {
			return nil, nil
		}
		return hostile.Pass(m)
	}
	s.evil.Line("Ben").Tamper(nil, insist)
	bundle := make(chan []byte, 1)
	s.evil.Line("Anna").Tamper(func(m hostile.Message) (on, back []hostile.Message) {
		if bundles, _ := m.Body()["bundles"].([]any); m.Kind() == "meeting submit" && len(bundles) == 1 && len(bundle) == 0 {
			bundle <- hostile.Message{"sealed": bundles[0]}.Bytes("sealed")
		}
		return hostile.Pass(m)
	}, insist)
	ask(s.evil.Line("Anna"), asked.Encoded(), asked.Signature())
	s.says(t, anna, "[data-testid=ask]", "ask.title", "ask.hears")
	anna.Click("[data-testid=ask-allow]")
	eventually(t, "the host seals keys to the gateway", func() bool { return len(bundle) == 1 })
	ben.Click("[data-testid=consent-continue]")
	for _, page := range s.pages {
		mark(page, "AUDIO OPEN")
		s.says(t, page, "[data-testid=strip-open]", "e2ee.audioOpen", "e2ee.videoPrivate")
	}
	s.evil.Line("Anna").Tamper(nil, insist)
	s.granted(t, asked, <-bundle)

	f := hostile.NewForgery(s.evil.State())
	commit := f.Grant(s.wish(t, s.operator(t), sframe.Audio, sframe.Video))
	for name, page := range s.pages {
		s.evil.Line(name).Forge(f.Epoch(), commit)
		s.refused(t, page, "failure.badCommit.unknown")
		mark(page, "AUDIO OPEN")
	}
	ben.Click("[data-testid=strip-revoke]")
	s.evil.Line("Anna").Tamper(nil, nil)
	s.evil.Line("Ben").Tamper(nil, nil)
	s.whole(t)
}

// granted plays the gateway that was let in: it holds the key of sound, which opens what it forwards, and no other.
func (s *scene) granted(t *testing.T, asked *e2ee.LiveRequest, bundle []byte) {
	t.Helper()
	policy := s.evil.State().Policy
	grant, err := asked.Granted(policy, policy.Charter.Owner)
	if err != nil {
		t.Fatal(err)
	}
	defer grant.Close(nil)
	if err := grant.Take(bundle, policy); err != nil {
		t.Fatal(err)
	}
	if grant.Scope() != e2ee.ScopeOf(sframe.Audio, sframe.ScreenAudio) {
		t.Errorf("granted is %v", grant.Scope())
	}
	opener, _ := grant.Opener(sframe.Audio)
	eventually(t, "the key of sound opens sound", func() bool {
		for _, sample := range s.forwarded(t)[s.evil.Line("Ben").Participant()].Samples {
			if _, _, err := opener.Open(nil, media.Opus, sample); err == nil {
				return true
			}
		}
		return false
	})
	for _, kind := range []sframe.Kind{sframe.Video, sframe.Screen} {
		if _, holds := grant.Opener(kind); holds {
			t.Errorf("the gateway holds the key of %v", kind)
		}
	}
}

// A telephone is in, and the keys of every later epoch are kept from its gateway: in their place it gets those that it has
// had, under the number of the new epoch. The caller hears nobody then; with the true keys it hears everybody again.
func (s *scene) staleBundle(t *testing.T) {
	anna, ben := s.pages["Anna"], s.pages["Ben"]
	if s.rule() != e2ee.VetoHost {
		s.change(t)
	}
	bundles := make(chan []byte, 16)
	s.evil.Line("Anna").Tamper(func(m hostile.Message) (on, back []hostile.Message) {
		list, _ := m.Body()["bundles"].([]any)
		for _, b := range list {
			bundles <- hostile.Message{"sealed": b}.Bytes("sealed")
		}
		return hostile.Pass(m)
	}, nil)
	phone := baresip.Start(t, baresip.Config{Tone: phoneTone, Level: -12, Codec: "PCMU/8000/1", Transport: "udp", Seconds: 150})
	phone.Dial(s.gateway.URI(s.room(), "udp"))
	let(t, anna, phone, annaTone)
	ben.Click("[data-testid=consent-continue]")
	old := <-bundles
	s.evil.Line("Anna").Tamper(stale(t, old), nil)
	rate := 8000
	s.change(t)
	waitFor(t, "phone", phone, func(half []int16, r int) bool {
		rate = r
		return share(half, rate, annaTone, benTone) < 0.01
	})
	heard, _ := phone.Heard()
	after, _ := record(t, "phone", phone, len(heard), 3*time.Second)
	if got := share(after, rate, annaTone, benTone); got > 0.01 {
		t.Errorf("under stale keys %.1f %% of what the phone hears is the room", 100*got)
	}
	s.evil.Line("Anna").Tamper(nil, nil)
	s.change(t)
	waitFor(t, "phone", phone, func(half []int16, r int) bool { return share(half, r, annaTone) > 0.2 })
	phone.Hangup()
	s.whole(t)
}

// stale puts an old bundle in the place of every new one. What number its epoch has is not proved before it is opened.
func stale(t *testing.T, old []byte) hostile.Tamper {
	t.Helper()
	return func(m hostile.Message) (on, back []hostile.Message) {
		body := m.Body()
		switch list, _ := body["bundles"].([]any); {
		case m.Kind() == "meeting bundle":
			return nil, []hostile.Message{hostile.Done(m)}
		case m.Kind() == "meeting submit" && len(list) == 1:
			fresh, err := e2ee.DecodeBundle(hostile.Message{"sealed": list[0]}.Bytes("sealed"))
			if err != nil {
				t.Errorf("a bundle of a host: %v", err)
				return hostile.Pass(m)
			}
			body["bundles"] = []any{e2eetest.Renumbered(old, fresh.Epoch)} // bytes become base64 in JSON
		}
		return hostile.Pass(m)
	}
}
