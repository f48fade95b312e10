package fault

import (
	"errors"
	"slices"
	"testing"
)

func TestInPrefixesEveryFault(t *testing.T) {
	err := In("sip", errors.Join(At("listen[0].network", "is %q", "ump"), At("", "no user"), At("[2]", "twice")))
	var got []string
	for _, f := range All(err) {
		got = append(got, f.Error())
	}
	want := []string{`sip.listen[0].network: is "ump"`, "sip: no user", "sip[2]: twice"}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if In("x", nil) != nil {
		t.Fatal("nil must stay nil")
	}
}
