package visitor_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"legroom/e2ee/e2eetest"
	"legroom/e2ee/visitor"
)

// TestKeySchedule: the vectors of the MLS working group.
func TestKeySchedule(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "key-schedule.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Init   hexed `json:"initial_init_secret"`
		Epochs []struct {
			Commit        hexed `json:"commit_secret"`
			PSK           hexed `json:"psk_secret"`
			Context       hexed `json:"group_context"`
			Joiner        hexed `json:"joiner_secret"`
			Welcome       hexed `json:"welcome_secret"`
			Init          hexed `json:"init_secret"`
			Exporter      hexed `json:"exporter_secret"`
			Authenticator hexed `json:"epoch_authenticator"`
			Confirmation  hexed `json:"confirmation_key"`
			Membership    hexed `json:"membership_key"`
		}
	}
	if err := json.Unmarshal(text, &v); err != nil || len(v.Epochs) != 2 {
		t.Fatalf("%d epochs, %v", len(v.Epochs), err)
	}
	init := [32]byte(v.Init)
	for i, e := range v.Epochs {
		s := visitor.Schedule(init, [32]byte(e.Commit), [32]byte(e.PSK), e.Context)
		for name, pair := range map[string][2][]byte{
			"joiner": {s.Joiner[:], e.Joiner}, "welcome": {s.Welcome[:], e.Welcome}, "init": {s.Init[:], e.Init},
			"exporter": {s.Exporter[:], e.Exporter}, "authenticator": {s.Authenticator[:], e.Authenticator},
			"confirmation": {s.Confirmation[:], e.Confirmation}, "membership": {s.Membership[:], e.Membership},
		} {
			if !bytes.Equal(pair[0], pair[1]) {
				t.Errorf("epoch %d: %s is %x, not %x", i, name, pair[0], pair[1])
			}
		}
		init = s.Init
	}
}

// TestLongCode: the vector that the page is tested with.
func TestLongCode(t *testing.T) {
	code, err := visitor.LongCodeOf([32]byte(e2eetest.Count(32, 0x60)), [16]byte(e2eetest.Count(16, 0xa0)), 257)
	if err != nil || code != "46496 46134 15737 99979 25688 28478" {
		t.Errorf("%s, %v", code, err)
	}
}
