package machine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"legroom/hwaccel"
	"legroom/hwaccel/vaapitest"
	"legroom/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// withTestCard is a machine with the card of the test driver.
func withTestCard(t *testing.T) (Config, vaapitest.Control) {
	t.Helper()
	control := vaapitest.Install(t)
	c := DefaultConfig()
	c.Nodes, c.VADriver = []string{vaapitest.Node}, vaapitest.Name
	c.Patience = time.Minute // a busy machine is no driver that hangs
	return c, control
}

func search(t *testing.T, c Config, known Inventory) *Machine {
	t.Helper()
	m, err := Search(t.Context(), c, known)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func report(t *testing.T, i Inventory, device string) *hwaccel.Report {
	t.Helper()
	for n := range i.Reports {
		if i.Reports[n].Device == device {
			return &i.Reports[n]
		}
	}
	t.Fatalf("no report of %s in %+v", device, i)
	return nil
}

func TestSearch(t *testing.T) {
	c, control := withTestCard(t)
	first := search(t, c, Inventory{})
	t.Run("cards come first and the processor last", func(t *testing.T) {
		var names []string
		for _, d := range first.Devices {
			names = append(names, d.Name())
		}
		if got := strings.Join(names, " "); got != "vaapi:null software" {
			t.Errorf("devices: %s", got)
		}
	})
	t.Run("what was found is measured", func(t *testing.T) {
		r := report(t, first.Inventory, "vaapi:null")
		if !strings.Contains(r.Driver, "Legroom test driver") {
			t.Errorf("driver %q", r.Driver)
		}
		able, err := r.Capabilities.Find(hwaccel.Encode, media.H264, 1920, 1080)
		if err != nil || able.Speed <= 0 {
			t.Errorf("%+v, %v", able, err)
		}
		job := hwaccel.Job{Operation: hwaccel.Encode, Codec: media.H264, Width: 64, Height: 64, FrameRate: 1}
		if n := r.Capabilities.Streams(job); n <= 0 {
			t.Errorf("it carries %d streams", n)
		}
	})
	t.Run("a card that is not there says why", func(t *testing.T) {
		if _, err := os.Stat("/proc/driver/nvidia/version"); err == nil {
			t.Skip("there is one")
		}
		r := report(t, first.Inventory, "nvidia:0")
		if len(r.Refusals) != 1 || !strings.Contains(r.Refusals[0].Reason, "libcuda.so.1") {
			t.Errorf("%+v", r.Refusals)
		}
	})
	t.Run("what is known is not tried again", func(t *testing.T) { known(t, c, first.Inventory) })
	t.Run("a card that fails is asked again", func(t *testing.T) { failing(t, c, control, first.Inventory) })
	t.Run("it outlives the program", func(t *testing.T) { kept(t, first.Inventory) })
}

// known marks what was found, and looks for the mark.
func known(t *testing.T, c Config, found Inventory) {
	const mark = 12345678
	found.Reports = append([]hwaccel.Report(nil), found.Reports...)
	for n := range found.Reports {
		if len(found.Reports[n].Capabilities.Encode) > 0 {
			able := found.Reports[n].Capabilities.Encode[0]
			able.Speed = mark
			found.Reports[n].Capabilities.Encode = []hwaccel.Capability{able}
		}
	}
	for _, d := range search(t, c, found).Devices {
		if able := d.Capabilities().Encode; len(able) != 1 || able[0].Speed != mark {
			t.Errorf("%s was tried again: %+v", d.Name(), able)
		}
	}
	r := report(t, found, "vaapi:null")
	if _, same := found.Find(r.Device, strings.Replace(r.Identity, "test driver", "test driver 0.9", 1)); same {
		t.Error("another driver passes for the one that was tried")
	}
	if !strings.Contains(r.Identity, r.Driver) {
		t.Errorf("identity %q does not name driver %q", r.Identity, r.Driver)
	}
}

// failing searches while the card does nothing right: that is not to be remembered of it.
func failing(t *testing.T, c Config, control vaapitest.Control, found Inventory) {
	control.Set(vaapitest.Fail)
	defer control.Set(vaapitest.None)
	processorOnly := Inventory{Reports: []hwaccel.Report{*report(t, found, "software")}}
	m := search(t, c, processorOnly)
	if len(m.Devices) != 1 {
		t.Errorf("%d devices", len(m.Devices))
	}
	r := report(t, m.Inventory, "vaapi:null")
	if r.Identity != "" || len(r.Refusals) == 0 {
		t.Errorf("%+v", r)
	}
}

func kept(t *testing.T, found Inventory) {
	folder := filepath.Join(t.TempDir(), "state")
	if none, err := Load(folder); err != nil || len(none.Reports) != 0 {
		t.Errorf("of an empty folder: %+v, %v", none, err)
	}
	if err := found.Save(folder); err != nil {
		t.Fatal(err)
	}
	again, err := Load(folder)
	if err != nil || !reflect.DeepEqual(again, found) {
		t.Errorf("got %+v, %v, want %+v", again, err, found)
	}
	if err := os.WriteFile(filepath.Join(folder, fileName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	var syntax *json.SyntaxError
	if _, err := Load(folder); !errors.As(err, &syntax) {
		t.Errorf("of a damaged file: %v", err)
	}
}

func TestSearchThatIsCutOff(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	late := errors.New("too late")
	cancel(late)
	if _, err := Search(ctx, DefaultConfig(), Inventory{}); !errors.Is(err, late) {
		t.Errorf("got %v", err)
	}
}
