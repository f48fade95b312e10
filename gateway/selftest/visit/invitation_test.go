package visit

import (
	"errors"
	"strings"
	"testing"

	"legroom/e2ee"
)

const ownedLink = "1.s.AAECAwQFBgcICQoLDA0ODw.EBESExQVFhcYGRobHB0eHw"

func TestParseInvitation(t *testing.T) {
	in, err := ParseInvitation(" https://meet.example:8443/r/1000?audio=raw#" + ownedLink + ".g.SECRET-secret_0\n")
	if err != nil || in.Server != "meet.example:8443" || !in.Secure || in.Room != "1000" || in.Key != "g.SECRET-secret_0" ||
		in.Link == nil || in.Link.Mode != e2ee.Sealed || in.Link.Owner[1] != 1 {
		t.Errorf("%+v, %v", in, err)
	}
	if in, err = ParseInvitation("http://127.0.0.1/r/7/#g.SECRET"); err != nil || in.Secure || in.Room != "7" || in.Link != nil {
		t.Errorf("%+v, %v", in, err)
	}
	for text, says := range map[string]string{
		"1000": "https", "ftp://meet.example/r/1000#g.SECRET": "https", "https://meet.example/#g.SECRET": "room",
		"https://meet.example/r/a#g.SECRET": "room", "https://meet.example/r/1000": "not whole", "https://meet.example/r/1000#" + ownedLink: "not whole",
		"https://meet.example/r/1000#h.SECRET": "host's own", "https://meet.example/r/1000#" + ownedLink + ".h.SECRET": "host's own",
		"https://meet.example/r/1000#2" + ownedLink[1:] + ".g.SECRET": "damaged", "https://meet.example/r/1000#g.a b": "not whole",
	} {
		if _, err := ParseInvitation(text); !errors.Is(err, ErrInvitation) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
