package prompts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Sums is what audio was made from: a line for each text, "SUM FILE", in order of their files. It is kept beside the
// audio, so that a text that was changed without its sound is found.
func (t *Texts) Sums() string {
	var b strings.Builder
	spoken := t.Spoken()
	for _, name := range slices.Sorted(maps.Keys(spoken)) {
		sum := sha256.Sum256([]byte(t.Voice + "\n" + spoken[name]))
		fmt.Fprintf(&b, "%s %s\n", hex.EncodeToString(sum[:8]), name)
	}
	return b.String()
}
