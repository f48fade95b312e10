package gateway

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"legroom/configs"
	"legroom/e2ee"
)

func keyFrom(seed byte) (k e2ee.Key) {
	for i := range k {
		k[i] = seed + byte(i)
	}
	return k
}

// ownersOf opens the owners of a state folder, with room 2000 pinned to keyFrom(9).
func ownersOf(t *testing.T, folder string) (*owners, error) {
	t.Helper()
	cfg := configs.Default()
	pinned := configs.Room{Number: "2000", RoomSettings: configs.DefaultRoomSettings()}
	pinned.Owner = keyText(keyFrom(9))
	cfg.Rooms = []configs.Room{{Number: "1000", RoomSettings: configs.DefaultRoomSettings()}, pinned}
	dir, err := openStateDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDirectory(cfg, dir)
	if err != nil {
		t.Fatal(err)
	}
	return newOwners(d, dir)
}

func TestOwners(t *testing.T) {
	folder := t.TempDir()
	o, err := ownersOf(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, pinned, known := o.Owner("1000"); pinned || known {
		t.Error("owned before anybody claimed it")
	}
	for _, k := range []e2ee.Key{keyFrom(1), keyFrom(2), keyFrom(2)} {
		if err := o.Claim("1000", k); err != nil {
			t.Fatal(err)
		}
		if got, pinned, known := o.Owner("1000"); got != k || pinned || !known {
			t.Errorf("owned by %v %v %v", got, pinned, known)
		}
	}
	if got, pinned, known := o.Owner("2000"); got != keyFrom(9) || !pinned || !known {
		t.Errorf("pinned: %v %v %v", got, pinned, known)
	}
	if err := o.Claim("2000", keyFrom(1)); !errors.Is(err, errPinned) {
		t.Errorf("claim of a pinned room: %v", err)
	}
	again, err := ownersOf(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, known := again.Owner("1000"); got != keyFrom(2) || !known {
		t.Errorf("after a start: %v %v", got, known)
	}
	if got, _, _ := again.Owner("2000"); got != keyFrom(9) {
		t.Errorf("a refused claim was kept: %v", got)
	}
}

// TestOwnersThatCannotBeKept: a room has the owner that is on the disk, or the next start would know another.
func TestOwnersThatCannotBeKept(t *testing.T) {
	folder := t.TempDir()
	o, err := ownersOf(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Claim("1000", keyFrom(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	var state *StateError
	if err := o.Claim("1000", keyFrom(2)); !errors.As(err, &state) {
		t.Errorf("claim without a disk: %v", err)
	}
	if got, _, _ := o.Owner("1000"); got != keyFrom(1) {
		t.Errorf("owned by %v", got)
	}
}

func TestDamagedOwners(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON": "{", "no key": `{"1000":"abc"}`, "another form": `{"1000":"` + strings.Repeat("/", 43) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(stateDir(folder).file(ownersFile), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ownersOf(t, folder)
			if err == nil || !strings.Contains(Explain(err), ownersFile+": is damaged; restore it") {
				t.Errorf("says %v", err)
			}
		})
	}
}

func TestOwnersAreBounded(t *testing.T) {
	o, err := ownersOf(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxOwners {
		o.claimed[strconv.Itoa(1_000_000+i)] = keyFrom(1)
	}
	if err := o.Claim("1000", keyFrom(1)); !errors.Is(err, errManyOwners) {
		t.Errorf("one too many: %v", err)
	}
	if err := o.Claim("1000000", keyFrom(2)); err != nil {
		t.Errorf("of one that has an owner: %v", err)
	}
}
