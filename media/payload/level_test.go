package payload

import "testing"

func TestLevelLimits(t *testing.T) {
	for in, want := range map[string]LevelLimits{
		"":       {1485, 99, 64_000},            // level 1
		"42f00b": {1485, 99, 128_000},           // level 1b
		"42e00b": {3000, 396, 192_000},          // 1.1
		"42800d": {11880, 396, 768_000},         // 1.3
		"428016": {20250, 1620, 4_000_000},      // 2.2
		"42e01f": {108000, 3600, 14_000_000},    // 3.1: 720p30
		"640028": {245760, 8192, 20_000_000},    // 4: 1080p30
		"640029": {245760, 8192, 50_000_000},    // 4.1
		"42e01a": {20250, 1620, 4_000_000},      // 2.6 does not exist
		"42e0ff": {2073600, 36864, 240_000_000}, // nor 25.5
		"42e000": {1485, 99, 64_000},            // nor 0
	} {
		p, err := ParseProfileLevel(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Limits(); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
}
