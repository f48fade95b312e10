package gateway

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"legroom/configs"
	"legroom/menu"
	"legroom/rooms"
)

func directoryOf(t *testing.T, dir string, cfg configs.Config) *directory {
	t.Helper()
	state, err := openStateDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDirectory(cfg, state)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSecretsAreMadeOnceAndKept(t *testing.T) {
	cfg := configs.Default()
	cfg.Rooms = []configs.Room{
		{Number: "1000", RoomSettings: configs.DefaultRoomSettings()}, {Number: "2000", RoomSettings: configs.DefaultRoomSettings()},
	}
	dir := filepath.Join(t.TempDir(), "state")
	first, second := directoryOf(t, dir, cfg), directoryOf(t, dir, cfg)
	a, b := first.rooms["1000"].secrets, second.rooms["1000"].secrets
	if a != b || a == first.rooms["2000"].secrets {
		t.Fatal("secrets must stay from start to start and differ from room to room")
	}
	if len(a.PIN) != 6 || len(a.HostPIN) != 6 || a.PIN == a.HostPIN || len(a.GuestSecret) < 16 || a.GuestSecret == a.HostSecret {
		t.Fatalf("secrets of poor quality: lengths %d %d %d", len(a.PIN), len(a.HostPIN), len(a.GuestSecret))
	}
	info, err := os.Stat(filepath.Join(dir, invitationsFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("file of secrets: %v %v", info.Mode(), err)
	}
	cfg.Rooms[0].PIN = "4711"
	if got := directoryOf(t, dir, cfg).rooms["1000"].secrets; got.PIN != "4711" || got.HostPIN != a.HostPIN {
		t.Fatal("what is configured comes before what was kept, and only that")
	}
}

func TestWhatOpensARoom(t *testing.T) {
	cfg := configs.Default()
	one := configs.Room{Number: "1000", RoomSettings: configs.DefaultRoomSettings()}
	one.PIN, one.HostPIN, one.GuestSecret, one.HostSecret = "4711", "0815", "GuestGuestGuestGuest", "HostHostHostHostHost"
	cfg.Rooms = []configs.Room{one}
	free := configs.OnDemand{Pattern: "9[0-9]{1,5}", RoomSettings: configs.DefaultRoomSettings()}
	free.PIN, free.HostPIN = configs.NoPIN, configs.NoPIN
	cfg.OnDemand = []configs.OnDemand{free}
	d := directoryOf(t, t.TempDir(), cfg)
	for _, c := range []struct {
		room, pin string
		want      menu.PINResult
	}{
		{"1000", "4711", menu.PINGuest}, {"1000", "0815", menu.PINHost}, {"1000", "", menu.PINWrong}, {"1000", "none", menu.PINWrong},
		{"1000", "47110", menu.PINWrong}, {"7777", "4711", menu.PINWrong}, {"7777", "", menu.PINWrong}, {"91", "", menu.PINWrong},
		{"91", "none", menu.PINWrong},
	} {
		if got := d.checkPIN(c.room, menu.Secret(c.pin)); got != c.want {
			t.Errorf("room %s, PIN %q: %v, want %v", c.room, c.pin, got, c.want)
		}
	}
	for room, want := range map[string]bool{"1000": true, "7777": true, "91": false, "9": true, "": true} {
		if d.needsPIN(room) != want {
			t.Errorf("room %q needs a PIN: %v", room, !want)
		}
	}
	for _, c := range []struct {
		room, key string
		role      rooms.Role
		ok        bool
	}{
		{"1000", "g.GuestGuestGuestGuest", rooms.Guest, true}, {"1000", "h.HostHostHostHostHost", rooms.Host, true},
		{"1000", "h.GuestGuestGuestGuest", rooms.Guest, false}, {"1000", "GuestGuestGuestGuest", rooms.Guest, false},
		{"1000", "g.", rooms.Guest, false}, {"91", "g.", rooms.Guest, false}, {"91", "h.", rooms.Guest, false}, {"7777", "h.", rooms.Guest, false},
	} {
		if role, ok := d.checkKey(c.room, c.key); role != c.role || ok != c.ok {
			t.Errorf("room %s, key %q: %v %v", c.room, c.key, role, ok)
		}
	}
	if p, ok := d.policy("91"); !ok || !p.OnDemand || p.Number != "91" {
		t.Errorf("policy %+v %v", p, ok)
	}
	if _, ok := d.policy("7777"); ok {
		t.Error("a room that does not exist has a policy")
	}
}

func TestStateDirFaults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	var state *StateError
	if _, err := openStateDir(filepath.Join(file, "below")); !errors.As(err, &state) || !strings.Contains(Explain(err), "state folder") {
		t.Errorf("error %v: %s", err, Explain(err))
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, invitationsFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newDirectory(configs.Default(), stateDir(dir)); !errors.As(err, &state) || !strings.Contains(Explain(err), "damaged") {
		t.Errorf("error %v", err)
	}
}
