package e2ee_test

import (
	"errors"
	"strings"
	"testing"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
)

// spelled is an opened bundle without keys, in its only form: {"G": {}, "K": {}, "v": 1, "epoch": 7}.
const spelled = "a4" + "6147a0" + "614ba0" + "617601" + "6565706f636807"

// TestOneSpelling: everything else that means the same, or nearly, is refused.
func TestOneSpelling(t *testing.T) {
	if err := e2ee.Spelling("opened", unhex(t, spelled)); err != nil {
		t.Fatalf("the right one: %v", err)
	}
	for name, text := range map[string]string{
		"keys in another order":     "a4" + "617601" + "6147a0" + "614ba0" + "6565706f636807",
		"longer integer":            "a4" + "6147a0" + "614ba0" + "617601" + "6565706f63681807",
		"longer length":             "a4" + "6147a0" + "614ba0" + "78017601" + "6565706f636807",
		"longer head":               "b804" + "6147a0" + "614ba0" + "617601" + "6565706f636807",
		"indefinite length":         "bf" + "6147a0" + "614ba0" + "617601" + "6565706f636807" + "ff",
		"float":                     "a4" + "6147a0" + "614ba0" + "617601" + "6565706f6368f94700",
		"bignum":                    "a4" + "6147a0" + "614ba0" + "617601" + "6565706f6368c24107",
		"tagged":                    "d9d9f7" + spelled,
		"null for a map":            "a4" + "6147f6" + "614ba0" + "617601" + "6565706f636807",
		"a key that is not known":   "a5" + "6147a0" + "614ba0" + "617601" + "617800" + "6565706f636807",
		"a key in another case":     "a4" + "6147a0" + "616ba0" + "617601" + "6565706f636807",
		"a key twice":               "a5" + "6147a0" + "6147a0" + "614ba0" + "617601" + "6565706f636807",
		"a key missing":             "a3" + "6147a0" + "614ba0" + "617601",
		"a key that is no text":     "a4" + "6147a0" + "614ba0" + "4176" + "01" + "6565706f636807",
		"bytes behind":              spelled + "00",
		"cut":                       spelled[:len(spelled)-2],
		"negative":                  "a4" + "6147a0" + "614ba0" + "617620" + "6565706f636807",
		"list for a map":            "a4" + "614780" + "614ba0" + "617601" + "6565706f636807",
		"key of a kind as a list":   "a4" + "6147a16161820102" + "614ba0" + "617601" + "6565706f636807",
		"deep":                      strings.Repeat("81", 100) + "00",
		"a length beyond the end":   "a4" + "6147a0" + "614ba0" + "617601" + "7affffffff",
		"a map of 2^32 - 1 members": "baffffffff",
		"nothing":                   "",
	} {
		if err := e2ee.Spelling("opened", unhex(t, text)); !errors.Is(err, e2ee.ErrEncoding) {
			t.Errorf("%s: %v, want ErrEncoding", name, err)
		}
	}
}

// TestLength: 16 kB and no more, however well it is encoded.
func TestLength(t *testing.T) {
	r := newRig(t)
	b := r.NewBundle(r.entry, 5, r.host)
	fill := 0
	b.Forge = func(e *e2eetest.Envelope) { e.Ciphertext = make([]byte, fill) }
	fill = 16<<10 - len(b.Seal()) - 2
	if err := e2ee.Spelling("sealed", b.Seal()); err != nil || len(b.Seal()) != 16<<10 {
		t.Errorf("%d bytes: %v", len(b.Seal()), err)
	}
	fill++
	if err := e2ee.Spelling("sealed", b.Seal()); !errors.Is(err, e2ee.ErrEncoding) {
		t.Errorf("%d bytes: %v", len(b.Seal()), err)
	}
}

// TestErrorsQuoteNothing: what a stranger sent does not come into a log by an error.
func TestErrorsQuoteNothing(t *testing.T) {
	// {"secret": "hunter2"}
	err := e2ee.Spelling("credential", unhex(t, "a1"+"66736563726574"+"6768756e74657232"))
	if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}
