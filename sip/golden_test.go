package sip_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"legroom/media"
	"legroom/sip/sdp"
	"legroom/sip/siptest"
)

var update = flag.Bool("update", false, "write the goldens anew")

// chance is what differs from call to call in a description of ours.
var chance = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`o=- \d+ `), "o=- ID "},
	{regexp.MustCompile(`m=(\w+) [1-9]\d* `), "m=$1 PORT "},
	{regexp.MustCompile(`inline:\S+`), "inline:KEY"},
	{regexp.MustCompile(`sha-256 \S+`), "sha-256 PRINT"},
}

// TestAudioAnswersAreAsEver: what a phone that offers no pictures is answered does not change by pictures being taken from
// others. The goldens were written before calls had pictures.
func TestAudioAnswersAreAsEver(t *testing.T) {
	noPictures := func(m *siptest.Message) { m.Body += "m=video 0 RTP/AVP 97\r\n" }
	cases := map[string]struct {
		options siptest.Options
		change  []func(*siptest.Message)
	}{
		"clear":          {options: siptest.Options{Codecs: []media.CodecName{media.PCMU, media.Opus}}},
		"sdes":           {options: siptest.Options{Security: sdp.SDES}},
		"dtls":           {options: siptest.Options{Security: sdp.DTLS, NoDTMF: true}},
		"video-closed":   {change: []func(*siptest.Message){noPictures}},
		"other-lines":    {change: []func(*siptest.Message){func(m *siptest.Message) { m.Body += "m=image 5000 udptl t38\r\nm=application 5002 UDP/BFCP *\r\n" }}},
		"bandwidth":      {change: []func(*siptest.Message){func(m *siptest.Message) { m.Body = strings.Replace(m.Body, "t=0 0\r\n", "b=AS:64\r\nt=0 0\r\n", 1) }}},
		"second-of-kind": {change: []func(*siptest.Message){func(m *siptest.Message) { m.Body += "m=audio 5000 RTP/AVP 0\r\n" }}},
	}
	b := start(t, echo(t))
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			call := b.phone(c.options).Invite("1000", c.change...)
			res := call.Final()
			if res.Status() != 200 {
				t.Fatalf("got %s", res)
			}
			call.Answer = res
			call.Ack("")
			got := strings.ReplaceAll(res.Body, "\r\n", "\n")
			for _, c := range chance {
				got = c.find.ReplaceAllString(got, c.put)
			}
			path := filepath.Join("testdata", "audio-answer-"+name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("answered\n%s, want\n%s", got, want)
			}
			call.Bye()
		})
	}
}
