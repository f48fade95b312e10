package e2ee_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
	"legroom/media"
)

// TestRound: the gateway hears a browser in each epoch, is heard under a key and key id of its own, and hears nothing
// after it was revoked.
func TestRound(t *testing.T) {
	r := newRig(t)
	open := opener(t, r.grant)
	if _, _, err := open.Open(nil, media.Opus, sealed(t, browser(t, 256, 3), "too early")); !errors.Is(err, e2ee.ErrNoKey) {
		t.Errorf("before the first bundle: %v, want ErrNoKey", err)
	}
	for _, epoch := range []uint64{257, 258} {
		r.take(t, epoch)
		out, from, err := open.Open([]byte("x"), media.Opus, sealed(t, browser(t, epoch, 3), "opus"))
		if err != nil || string(out) != "xopus" || from.Leaf() != 3 {
			t.Fatalf("epoch %d: %q from %v, %v", epoch, out, from, err)
		}
	}
	seal, ok := r.grant.Sealer(sframe.Audio, 2)
	if !ok {
		t.Fatal("no sealer for what may be spoken")
	}
	frame, err := seal.Seal(nil, media.Opus, []byte("phone"))
	if err != nil {
		t.Fatal(err)
	}
	id, err := sframe.GranteeKeyID(r.entry.N, 2, 258)
	if err != nil {
		t.Fatal(err)
	}
	heard, err := sframe.NewOpener(sframe.StreamConfig{BaseKey: e2eetest.LegKey(258, r.entry.N, "audio"), Kind: sframe.Audio, KeyID: id})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := heard.Open(nil, media.Opus, frame); err != nil || string(out) != "phone" {
		t.Errorf("a browser hears %q, %v", out, err)
	}
	speaker := browser(t, 258, 4)
	r.Revoke(r.gateway.Key())
	if err := r.grant.Follow(r.Policy); !errors.Is(err, e2ee.ErrRevoked) {
		t.Fatalf("Follow: %v, want ErrRevoked", err)
	}
	if out, _, err := open.Open(nil, media.Opus, sealed(t, speaker, "secret")); !errors.Is(err, e2ee.ErrRevoked) || len(out) != 0 {
		t.Errorf("after revocation %q, %v", out, err)
	}
	if _, err := seal.Seal(nil, media.Opus, []byte("x")); !errors.Is(err, e2ee.ErrRevoked) {
		t.Errorf("after revocation the gateway speaks: %v", err)
	}
	if err := r.grant.Take(r.NewBundle(r.entry, 259, r.host).Seal(), r.Policy); err == nil {
		t.Error("a bundle was taken after revocation")
	}
	<-r.grant.Done()
}

// TestWhatIsNotGranted: outside scope, speak and legs there is nothing to ask for media.
func TestWhatIsNotGranted(t *testing.T) {
	r := newRig(t)
	for _, k := range []sframe.Kind{0, sframe.Video, sframe.Screen, sframe.ScreenAudio, 5, 255} {
		if _, ok := r.grant.Opener(k); ok {
			t.Errorf("an opener for %v", k)
		}
		if _, ok := r.grant.Sealer(k, 2); ok {
			t.Errorf("a sealer for %v", k)
		}
	}
	if _, ok := r.grant.Sealer(sframe.Audio, 3); ok {
		t.Error("a sealer for a leg that was not named")
	}
}

// TestFrames: what another grantee sealed, what came before and what was changed is refused.
func TestFrames(t *testing.T) {
	r := newRig(t)
	r.take(t, 9)
	open := opener(t, r.grant)
	s := browser(t, 9, 3)
	first := sealed(t, s, "one")
	if _, _, err := open.Open(nil, media.Opus, first); err != nil {
		t.Fatal(err)
	}
	other := opener(t, r.grant)
	if _, _, err := other.Open(nil, media.Opus, first); !errors.Is(err, sframe.ErrReplay) {
		t.Errorf("replay to another opener: %v", err)
	}
	changed := sealed(t, s, "two")
	changed[len(changed)-sframe.TagSize-1] ^= 1
	if _, _, err := open.Open(nil, media.Opus, changed); !errors.Is(err, sframe.ErrAuth) {
		t.Errorf("changed frame: %v", err)
	}
	grantee, err := r.sealedByLeg(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := open.Open(nil, media.Opus, grantee); !errors.Is(err, sframe.ErrSender) {
		t.Errorf("a grantee's frame: %v", err)
	}
	// A leaf that nobody knows, sealed under the wrong key, leaves nothing behind and opens nothing.
	if _, _, err := open.Open(nil, media.Opus, sealed(t, browser(t, 9+256, 900), "x")); !errors.Is(err, sframe.ErrAuth) {
		t.Errorf("an epoch with the same low bits: %v", err)
	}
}

func (r *rig) sealedByLeg(t *testing.T) ([]byte, error) {
	t.Helper()
	s, _ := r.grant.Sealer(sframe.Audio, 2)
	return s.Seal(nil, media.Opus, []byte("phone"))
}

// TestOneCounter: two sealers of one leg never use a counter twice.
func TestOneCounter(t *testing.T) {
	r := newRig(t)
	r.take(t, 9)
	seen := make(map[uint64]bool)
	for range 3 {
		frame, err := r.sealedByLeg(t)
		if err != nil {
			t.Fatal(err)
		}
		h, _, err := sframe.ParseHeader(frame)
		if err != nil || seen[h.Counter] {
			t.Errorf("counter %d twice, %v", h.Counter, err)
		}
		seen[h.Counter] = true
	}
}

// TestEpochsEnd: a replaced epoch opens for two seconds, four are kept at most, and low bits never name two.
func TestEpochsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		open := opener(t, r.grant)
		sealers := make(map[uint64]*sframe.Sealer)
		opens := func(epoch uint64) error {
			if sealers[epoch] == nil {
				sealers[epoch] = browser(t, epoch, 1)
			}
			_, _, err := open.Open(nil, media.Opus, sealed(t, sealers[epoch], "x"))
			return err
		}
		want := func(epoch uint64, want error) {
			t.Helper()
			if err := opens(epoch); !errors.Is(err, want) {
				t.Errorf("epoch %d after %v: %v, want %v", epoch, time.Since(r.Now), err, want)
			}
		}
		r.take(t, 1)
		<-time.After(time.Minute)
		want(1, nil)
		r.take(t, 2)
		<-time.After(1990 * time.Millisecond)
		want(1, nil)
		<-time.After(20 * time.Millisecond)
		want(1, e2ee.ErrNoKey)
		want(2, nil)
		for e := uint64(3); e <= 6; e++ {
			r.take(t, e)
		}
		want(2, e2ee.ErrNoKey)
		want(3, nil)
		r.take(t, 4+256)
		want(4, sframe.ErrAuth)
		want(4+256, nil)
		<-time.After(3 * time.Second)
		want(5, e2ee.ErrNoKey)
		want(6, e2ee.ErrNoKey)
		want(4+256, nil)
	})
}

// TestGrantEndsByItself: at its time all keys go, and the timer of a grant that ended before goes with it.
func TestGrantEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.take(t, 1)
		<-time.After(time.Hour + time.Second)
		if err := r.grant.Err(); !errors.Is(err, e2ee.ErrExpired) {
			t.Errorf("after its time: %v", err)
		}
		if _, _, err := opener(t, r.grant).Open(nil, media.Opus, sealed(t, browser(t, 1, 1), "x")); !errors.Is(err, e2ee.ErrExpired) {
			t.Errorf("after its time a frame: %v", err)
		}
	})
}

// TestFork: two histories of one epoch, both vouched for by hosts, end the grant; the same bundle twice does not.
func TestFork(t *testing.T) {
	r := newRig(t)
	r.take(t, 7)
	again := r.NewBundle(r.entry, 7, r.host)
	if err := r.grant.Take(again.Seal(), r.Policy); !errors.Is(err, e2ee.ErrStale) {
		t.Errorf("the same epoch again: %v, want ErrStale", err)
	}
	r.take(t, 8)
	again.Transcript[0] ^= 1
	var fork *e2ee.ForkError
	if err := r.grant.Take(again.Seal(), r.Policy); !errors.As(err, &fork) || fork.Epoch != 7 || !errors.Is(err, e2ee.ErrFork) {
		t.Fatalf("another history: %v, want a ForkError of epoch 7", err)
	}
	if _, _, err := opener(t, r.grant).Open(nil, media.Opus, sealed(t, browser(t, 8, 1), "x")); !errors.Is(err, e2ee.ErrFork) {
		t.Errorf("after a fork: %v", err)
	}
}

// TestBundleRefused: each thing that a bundle must be, broken alone.
func TestBundleRefused(t *testing.T) {
	stranger := e2eetest.Seeded(0x50)
	cases := []struct {
		name string
		want error
		do   func(t *testing.T, r *rig, b *e2eetest.Bundle)
	}{
		{"old epoch", e2ee.ErrStale, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { b.Epoch, b.Inside = 4, 4 }},
		{"another grant", e2ee.ErrForeign, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { b.N++ }},
		{"another group", e2ee.ErrSignature, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { b.Group[0]++ }},
		{"another request", e2ee.ErrSignature, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { b.Request = append([]byte{0}, b.Request...) }},
		{"another key", e2ee.ErrSeal, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { b.HPKE = e2ee.Key(e2eetest.Count(32, 9)) }},
		{"epoch inside", e2ee.ErrInvalid, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { b.Inside++ }},
		{"a key too many", e2ee.ErrInvalid, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { b.K["video"] = make([]byte, 16) }},
		{"a key too few", e2ee.ErrInvalid, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { delete(b.G, "audio") }},
		{"a kind for another", e2ee.ErrInvalid, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) {
			b.K["video"] = b.K["audio"]
			delete(b.K, "audio")
		}},
		{"short key", e2ee.ErrEncoding, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) { b.K["audio"] = make([]byte, 15) }},
		{"signature", e2ee.ErrSignature, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) {
			b.Forge = func(e *e2eetest.Envelope) { e.Signature[5] ^= 1 }
		}},
		{"ciphertext", e2ee.ErrSignature, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) {
			b.Forge = func(e *e2eetest.Envelope) { e.Ciphertext[5] ^= 1 }
		}},
		{"transcript changed on the way", e2ee.ErrSignature, func(_ *testing.T, _ *rig, b *e2eetest.Bundle) {
			b.Forge = func(e *e2eetest.Envelope) { e.Transcript = e2eetest.Count(32, 1) }
		}},
		{"sealed by a guest", e2ee.ErrChain, func(_ *testing.T, r *rig, b *e2eetest.Bundle) {
			b.Sealer = r.NewLeaf(stranger, e2eetest.Seeded(0x51))
		}},
		{"host's credential, another leaf", e2ee.ErrSignature, func(_ *testing.T, r *rig, b *e2eetest.Bundle) {
			b.Sealer.Key = e2eetest.Seeded(0x52)
		}},
		{"host who lost the role", e2ee.ErrChain, func(_ *testing.T, r *rig, b *e2eetest.Bundle) {
			second := e2eetest.Seeded(0x53)
			entry := e2ee.NewHostEntry(r.Owner, r.Group(), e2eetest.Public(second))
			entry.Out = true
			r.Policy.Hosts = append(r.Policy.Hosts, entry)
			b.Sealer = r.NewLeaf(second, e2eetest.Seeded(0x54))
		}},
		{"entry of a host forged", e2ee.ErrSignature, func(_ *testing.T, r *rig, b *e2eetest.Bundle) {
			entry := e2ee.NewHostEntry(stranger, r.Group(), e2eetest.Public(stranger))
			entry.By = r.owner()
			r.Policy.Hosts = append(r.Policy.Hosts, entry)
			b.Sealer = r.NewLeaf(stranger, e2eetest.Seeded(0x55))
		}},
		{"entry of a host for another group", e2ee.ErrSignature, func(_ *testing.T, r *rig, b *e2eetest.Bundle) {
			r.Policy.Hosts = append(r.Policy.Hosts, e2ee.NewHostEntry(r.Owner, e2ee.Group{1}, e2eetest.Public(stranger)))
			b.Sealer = r.NewLeaf(stranger, e2eetest.Seeded(0x56))
		}},
		{"old credential", e2ee.ErrExpired, func(_ *testing.T, r *rig, b *e2eetest.Bundle) {
			m := *r.Meeting
			m.Now = m.Now.Add(-2 * time.Hour)
			b.Sealer = m.NewLeaf(r.Owner, r.host.Key)
		}},
		{"credential for a year", e2ee.ErrExpired, func(_ *testing.T, r *rig, b *e2eetest.Bundle) {
			m := *r.Meeting
			m.Now = m.Now.Add(365 * 24 * time.Hour)
			b.Sealer = m.NewLeaf(r.Owner, r.host.Key)
		}},
		{"credential of another room", e2ee.ErrSignature, func(_ *testing.T, r *rig, b *e2eetest.Bundle) {
			b.Sealer = e2eetest.NewMeeting("1001", r.Now).NewLeaf(r.Owner, r.host.Key)
		}},
		{"policy without the grant", e2ee.ErrNotGranted, func(_ *testing.T, r *rig, _ *e2eetest.Bundle) { r.Revoke(r.gateway.Key()) }},
		{"meeting of another owner", e2ee.ErrChain, func(t *testing.T, r *rig, _ *e2eetest.Bundle) {
			r.Policy.Charter.Owner, r.Policy.Charter.By = e2eetest.Public(stranger), e2eetest.Public(stranger)
			r.Policy.Hosts[0] = e2ee.NewHostEntry(stranger, r.Group(), e2eetest.Public(stranger))
			if err := r.Policy.Charter.Sign(stranger); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.take(t, 5)
			b := r.NewBundle(r.entry, 6, r.host)
			policy := *r.Policy
			c.do(t, r, b)
			if err := r.grant.Take(b.Seal(), r.Policy); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			// It changed nothing: the right bundle is still taken.
			r.Policy = &policy
			policy.Hosts = policy.Hosts[:1:1]
			if c.name == "meeting of another owner" {
				return
			}
			r.take(t, 6)
		})
	}
}

// TestGranted: what a policy must be to become a grant.
func TestGranted(t *testing.T) {
	r := newRig(t)
	if _, err := r.request.Granted(r.Policy, r.owner()); !errors.Is(err, e2ee.ErrRevoked) {
		t.Errorf("a request granted twice: %v", err)
	}
	cases := []struct {
		name string
		want error
		do   func(r *rig, l *e2ee.LiveRequest)
	}{
		{"not in the policy", e2ee.ErrNotGranted, func(*rig, *e2ee.LiveRequest) {}},
		{"closed", e2ee.ErrRevoked, func(r *rig, l *e2ee.LiveRequest) { r.Grant(l); l.Close() }},
		{"wider than asked", e2ee.ErrInvalid, func(r *rig, l *e2ee.LiveRequest) {
			r.Grant(l)
			r.Policy.MaxScope = e2ee.ScopeOf(sframe.Audio, sframe.Video)
			r.Policy.Grants[0].Scope = r.Policy.MaxScope
		}},
		{"wider than the room allows", e2ee.ErrInvalid, func(r *rig, l *e2ee.LiveRequest) { r.Grant(l); r.Policy.MaxScope = 0 }},
		{"longer than asked", e2ee.ErrInvalid, func(r *rig, l *e2ee.LiveRequest) { r.Grant(l); r.Policy.Grants[0].NotAfter++ }},
		{"gateway not listed", e2ee.ErrInvalid, func(r *rig, l *e2ee.LiveRequest) { r.Grant(l); r.Policy.Gateways = nil }},
		{"sealed room", e2ee.ErrInvalid, func(r *rig, l *e2ee.LiveRequest) { r.Grant(l); r.Policy.Mode = e2ee.Sealed }},
		{"another signature", e2ee.ErrNotGranted, func(r *rig, l *e2ee.LiveRequest) { r.Grant(l); r.Policy.Grants[0].Signature[0]++ }},
		{"over", e2ee.ErrExpired, func(r *rig, l *e2ee.LiveRequest) {
			r.Grant(l)
			r.Policy.Grants[0].NotAfter = e2ee.SecondsOf(r.Now.Add(-time.Second))
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			l := r.ask(t)
			c.do(r, l)
			if g, err := l.Granted(r.Policy, r.owner()); !errors.Is(err, c.want) || g != nil {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestFreshKeys: no two requests share a key or an id.
func TestFreshKeys(t *testing.T) {
	r := newRig(t)
	a, b := r.request.Request(), r.ask(t).Request()
	if a.HPKE == b.HPKE || a.ID == b.ID {
		t.Error("two requests share key or id")
	}
	if !e2ee.VerifyRequest(r.request.Encoded(), r.gateway.Key(), r.request.Signature()) {
		t.Error("own signature does not hold")
	}
	if e2ee.VerifyRequest(bytes.Clone(append(r.request.Encoded(), 0)), r.gateway.Key(), r.request.Signature()) {
		t.Error("a signature holds for something else")
	}
}

// TestFramesAllocateNothing in steady state, opened or sealed.
func TestFramesAllocateNothing(t *testing.T) {
	r := newRig(t)
	r.take(t, 9)
	open, s := opener(t, r.grant), browser(t, 9, 3)
	seal, _ := r.grant.Sealer(sframe.Audio, 2)
	const frames = 200
	var came [frames + 2][]byte
	for i := range came {
		came[i] = sealed(t, s, "twenty milliseconds of sound")
	}
	buf, next := make([]byte, 0, 256), 0
	allocs := testing.AllocsPerRun(frames, func() {
		out, _, err := open.Open(buf[:0], media.Opus, came[next])
		if err != nil {
			t.Fatal(err)
		}
		next++
		if _, err := seal.Seal(buf[:0], media.Opus, out[:4]); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a frame, want 0", allocs)
	}
}
