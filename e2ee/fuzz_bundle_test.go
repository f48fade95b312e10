package e2ee_test

import (
	"bytes"
	"testing"

	"legroom/e2ee"
	"legroom/e2ee/sframe"
)

// FuzzBundle: a grant takes nothing but the bundles that were sealed for it, and never panics.
func FuzzBundle(f *testing.F) {
	seeds(f, "sealed")
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := e2ee.DecodeBundle(b); err == nil && s.N == 0 {
			t.Error("a bundle for grant 0")
		}
		r := newRig(t)
		right := r.NewBundle(r.entry, 5, r.host).Seal()
		if err := r.grant.Take(b, r.Policy); err == nil {
			t.Errorf("taken: %x", b)
		}
		// One byte of a right one, changed, but for the credential: what it says beside the identity, such as a name, is
		// signed by nobody here and not used.
		if len(b) > 2 {
			bent := bytes.Clone(right)
			from := bytes.Index(right, r.host.Credential)
			at := (int(b[0])<<8 | int(b[1])) % (len(bent) - len(r.host.Credential))
			if at >= from {
				at += len(r.host.Credential)
			}
			bent[at] ^= max(1, b[2])
			if err := r.grant.Take(bent, r.Policy); err == nil {
				t.Errorf("taken with a changed byte: %x", bent)
			}
		}
		if _, ok := r.grant.Opener(sframe.Video); ok {
			t.Error("video opens")
		}
		if err := r.grant.Take(right, r.Policy); err != nil {
			t.Errorf("the right one: %v", err)
		}
	})
}
