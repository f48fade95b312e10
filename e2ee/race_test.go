package e2ee_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/sframe"
	"legroom/media"
)

// TestRevokedAtOnce: frames are opened and sealed by many while bundles come; once Close has returned, none is.
func TestRevokedAtOnce(t *testing.T) {
	r := newRig(t)
	r.take(t, 1)
	open := opener(t, r.grant)
	const leaves, frames = 4, 50
	var all sync.WaitGroup
	closed := make(chan struct{})
	for leaf := range leaves {
		s := browser(t, 1, leaf)
		came := make([][]byte, frames)
		for i := range came {
			came[i] = sealed(t, s, "x")
		}
		all.Go(func() {
			for _, f := range came {
				if _, _, err := open.Open(nil, media.Opus, f); err != nil && !errors.Is(err, e2ee.ErrRevoked) {
					t.Errorf("open: %v", err)
				}
			}
			<-closed
			if _, _, err := open.Open(nil, media.Opus, came[0]); !errors.Is(err, e2ee.ErrRevoked) {
				t.Errorf("after Close: %v", err)
			}
		})
		all.Go(func() {
			seal, _ := r.grant.Sealer(sframe.Audio, 2)
			for range frames {
				if _, err := seal.Seal(nil, media.Opus, []byte("x")); err != nil && !errors.Is(err, e2ee.ErrRevoked) {
					t.Errorf("seal: %v", err)
				}
			}
		})
	}
	r.take(t, 2)
	r.grant.Close(nil)
	r.grant.Close(nil)
	close(closed)
	all.Wait()
}

// TestKeysAreErased: at the end of a grant, and two seconds after an epoch was replaced, its keys are overwritten.
func TestKeysAreErased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.take(t, 1)
		first := r.grant.Keys()
		r.take(t, 2)
		second := r.grant.Keys()
		zero := make([]byte, len(first()))
		if bytes.Equal(first(), zero) || bytes.Equal(second(), zero) {
			t.Fatal("no keys were there")
		}
		<-time.After(2*time.Second + 1)
		if !bytes.Equal(first(), zero) {
			t.Error("keys of a replaced epoch are still there")
		}
		r.grant.Close(nil)
		if !bytes.Equal(second(), zero) {
			t.Error("keys of a grant that ended are still there")
		}
		if err := r.grant.Take(r.NewBundle(r.entry, 3, r.host).Seal(), r.Policy); !errors.Is(err, e2ee.ErrRevoked) {
			t.Errorf("a bundle after the end: %v", err)
		}
	})
}
