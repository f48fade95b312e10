package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/machine"
	"legroom/media"
)

func TestProbeTable(t *testing.T) {
	able := hwaccel.Capability{Codec: media.H264, MaxWidth: 1920, MaxHeight: 1080, Speed: 1280 * 720 * 600}
	i := machine.Inventory{Probed: time.Unix(1_800_000_000, 0).UTC(), Took: 2500 * time.Millisecond, Reports: []hwaccel.Report{
		{
			Device: "vaapi:renderD128", Driver: "a driver 1.2",
			Capabilities: hwaccel.Capabilities{
				Decode: []hwaccel.Capability{able}, Capacity: hwaccel.Capacity{Load: hwaccel.Load{Decode: 900}},
			},
			Refusals: []hwaccel.Refusal{{Operation: hwaccel.Encode, Codec: media.VP9, Reason: "No usable encoding entrypoint"}},
		},
		{Device: "nvidia:0", Refusals: []hwaccel.Refusal{{Reason: "Cannot load libcuda.so.1"}}},
	}}
	var out bytes.Buffer
	if err := printInventory(&out, i); err != nil {
		t.Fatal(err)
	}
	lines := make(map[string]bool)
	for line := range strings.Lines(out.String()) {
		lines[strings.Join(strings.Fields(line), " ")] = true
	}
	for _, want := range []string{
		"vaapi:renderD128 H264 decode 1920x1080 600 18",
		"vaapi:renderD128 VP9 encode no",
		"vaapi:renderD128: a driver 1.2",
		"no encode VP9: No usable encoding entrypoint",
		"nvidia:0 - - no",
		"nvidia:0: -",
		"no such device: Cannot load libcuda.so.1",
	} {
		if !lines[want] {
			t.Errorf("no line %q in\n%s", want, out.String())
		}
	}
}
