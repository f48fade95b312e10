package e2ee_test

import (
	"bytes"
	"testing"

	"legroom/e2ee"
)

// seeds are the fixtures of one kind, right and wrong.
func seeds(f *testing.F, what string) {
	f.Helper()
	var p policyFixture
	var b bundleFixture
	load(f, "testdata/policy.json", &p)
	load(f, "testdata/bundle.json", &b)
	for _, i := range append(append(p.Items, p.Refused...), b.SealedRefused...) {
		if i.What == what {
			f.Add(unhex(f, i.CBOR))
		}
	}
	switch what {
	case "sealed":
		f.Add(unhex(f, b.Sealed))
	case "opened":
		f.Add(unhex(f, b.Inside))
	}
}

// FuzzPolicy: what is taken has one spelling, and neither taking it nor looking for its hosts panics.
func FuzzPolicy(f *testing.F) {
	seeds(f, "policy")
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := e2ee.DecodePolicy(b)
		if err != nil {
			return
		}
		if again, err := p.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("comes out as %x, %v", again, err)
		}
		_, _ = e2ee.VerifyHosts(p, p.Charter.Owner, p.Charter.Room, p.Charter.Group)
	})
}

// FuzzRequest: what is taken keeps within its limits.
func FuzzRequest(f *testing.F) {
	seeds(f, "request")
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := e2ee.DecodeRequest(b); err == nil && (len(r.Legs) == 0 || len(r.Legs) > 256 || !r.HasLeg(r.Legs[0].No)) {
			t.Errorf("taken with %d legs", len(r.Legs))
		}
	})
}

// FuzzCredential: what is taken has one spelling.
func FuzzCredential(f *testing.F) {
	seeds(f, "credential")
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := e2ee.DecodeCredential(b)
		if err != nil {
			return
		}
		if again, err := c.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("comes out as %x, %v", again, err)
		}
	})
}

// FuzzOpenedBundle: the inside of a bundle comes from hosts, and is judged as strictly.
func FuzzOpenedBundle(f *testing.F) {
	seeds(f, "opened")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := e2ee.Spelling("opened", b); err == nil && len(b) > 16<<10 {
			t.Error("too long and taken")
		}
	})
}
