package sframe

import (
	"errors"
	"slices"
	"testing"
)

// members is a roster of two leaves and one grant that may speak.
type members struct{}

func (members) MaySend(kind Kind, id KeyID) bool {
	if id.Grantee() {
		return id.Grant() == 1 && id.Leg() == 7 && kind == Audio
	}
	return id.Leaf() == 0 || id.Leaf() == 3
}

func browser(t testing.TB, track, leaf int, epoch uint64) KeyID {
	t.Helper()
	id, err := BrowserKeyID(track, leaf, epoch)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func grantee(t testing.TB, n uint32, leg int, epoch uint64) KeyID {
	t.Helper()
	id, err := GranteeKeyID(n, leg, epoch)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAdmit(t *testing.T) {
	me, gateway := browser(t, 0, 3, 257), grantee(t, 1, 0, 257)
	for _, c := range []struct {
		name    string
		kind    Kind
		id, own KeyID
		fails   error
	}{
		{"another", Audio, browser(t, 0, 0, 257), me, nil},
		{"my own", Audio, browser(t, 0, 3, 257), me, ErrReflected},
		{"my second camera", Video, browser(t, 1, 3, 257), me, ErrReflected},
		{"who had my leaf before", Audio, browser(t, 0, 3, 256), me, nil},
		{"no leaf", Audio, browser(t, 0, 1, 257), me, ErrSender},
		{"phone", Audio, grantee(t, 1, 7, 257), me, nil},
		{"phone of my leaf's bits", Audio, grantee(t, 0, 3, 257), me, ErrSender},
		{"leg that was not granted", Audio, grantee(t, 1, 8, 257), me, ErrSender},
		{"phone with a camera", Video, grantee(t, 1, 7, 257), me, ErrSender},
		{"gateway hears itself", Audio, grantee(t, 1, 7, 257), gateway, ErrReflected},
		{"gateway hears a browser", Audio, browser(t, 1, 0, 257), gateway, nil},
		{"gateway hears another", Audio, grantee(t, 2, 7, 257), gateway, ErrSender},
	} {
		if err := Admit(c.kind, c.id, c.own, members{}); !errors.Is(err, c.fails) {
			t.Errorf("%s: %v, want %v", c.name, err, c.fails)
		}
	}
}

func makeReflected(t testing.TB) []goldenReflected {
	me, gateway := browser(t, 0, 3, 257), grantee(t, 1, 0, 257)
	return []goldenReflected{
		{me, me, true},
		{me, browser(t, 5, 3, 257), true},
		{me, browser(t, 0, 4, 257), false},
		{me, browser(t, 0, 3, 256), false},
		{me, grantee(t, 0, 3, 257), false},
		{gateway, grantee(t, 1, 9, 257), true},
		{gateway, grantee(t, 33, 9, 257), true},
		{gateway, grantee(t, 2, 0, 257), false},
		{gateway, browser(t, 1, 0, 257), false},
	}
}

func TestReflection(t *testing.T) {
	for _, c := range readGolden(t).Reflected {
		if c.KeyID.SameSender(c.Own) != c.Reflected || c.Own.SameSender(c.KeyID) != c.Reflected {
			t.Errorf("%v at %v: not %v", c.KeyID, c.Own, c.Reflected)
		}
	}
}

func TestKeyIDs(t *testing.T) {
	for _, k := range readGolden(t).KeyIDs {
		id := k.KeyID
		header := Header{KeyID: uint64(id), Counter: 300}.Append(nil)
		if !slices.Equal(header, k.Header) || id.Epoch() != byte(k.Epoch) || !id.valid() {
			t.Errorf("%+v: header %x", k, header)
		}
		if k.Type == "browser" {
			if made := browser(t, k.Track, k.Leaf, k.Epoch); made != id || id.Grantee() || id.Track() != k.Track || id.Leaf() != k.Leaf {
				t.Errorf("%+v: %v", k, made)
			}
		} else if made := grantee(t, k.N, k.Leg, k.Epoch); made != id || !id.Grantee() || id.Grant() != int(k.N%32) || id.Leg() != k.Leg {
			t.Errorf("%+v: %v", k, made)
		}
	}
	for _, c := range []struct{ track, leaf int }{{-1, 0}, {MaxTrack + 1, 0}, {0, -1}, {0, MaxLeaf + 1}} {
		if _, err := BrowserKeyID(c.track, c.leaf, 0); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, leg := range []int{-1, MaxLeg + 1} {
		if _, err := GranteeKeyID(1, leg, 0); !errors.Is(err, ErrConfig) {
			t.Errorf("leg %d: %v", leg, err)
		}
	}
	if a, b := browser(t, 2, 3, 257).String(), grantee(t, 33, 7, 257).String(); a != "leaf 3 track 2 epoch ..01" || b != "grant 1 leg 7 epoch ..01" {
		t.Errorf("%s, %s", a, b)
	}
}
