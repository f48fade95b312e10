package mediacontrol

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

const example = `<?xml version="1.0" encoding="utf-8" ?>
  <media_control>
    <vc_primitive>
      <to_encoder>
        <picture_fast_update>
        </picture_fast_update>
      </to_encoder>
    </vc_primitive>
  </media_control>`

func TestParse(t *testing.T) {
	inside := func(s string) string { return "<media_control>" + s + "</media_control>" }
	update := "<to_encoder><picture_fast_update/></to_encoder>"
	cases := map[string]struct {
		in   string
		want Request
		err  error
	}{
		"the example of RFC 5168":     {example, Request{FastUpdate: true}, nil},
		"without a declaration":       {inside("<vc_primitive>" + update + "</vc_primitive>"), Request{FastUpdate: true}, nil},
		"with streams":                {inside("<vc_primitive>" + update + "<stream_id> 7 </stream_id><stream_id>a&amp;b</stream_id></vc_primitive>"), Request{FastUpdate: true, Streams: []string{"7", "a&b"}}, nil},
		"in a name space":             {`<x:media_control xmlns:x="urn:x"><x:vc_primitive><x:to_encoder><x:picture_fast_update/></x:to_encoder></x:vc_primitive></x:media_control>`, Request{FastUpdate: true}, nil},
		"another character set":       {strings.Replace(example, "utf-8", "iso-8859-1", 1), Request{FastUpdate: true}, nil},
		"with elements of their own":  {inside("<vendor><to_encoder/></vendor><vc_primitive><hint/>" + update + "</vc_primitive>"), Request{FastUpdate: true}, nil},
		"an error":                    {inside("<general_error>Parsing error</general_error>"), Request{Refused: true}, nil},
		"nothing":                     {"", Request{}, ErrSyntax},
		"no XML":                      {"Signal=1", Request{}, ErrSyntax},
		"cut off":                     {example[:len(example)-3], Request{}, ErrSyntax},
		"another root":                {"<x>" + update + "</x>", Request{}, ErrSyntax},
		"two roots":                   {inside("<vc_primitive>"+update+"</vc_primitive>") + "<media_control/>", Request{}, ErrSyntax},
		"in the wrong place":          {inside("<picture_fast_update/>"), Request{}, ErrUnknown},
		"something else":              {inside("<vc_primitive><to_encoder><picture_freeze/></to_encoder></vc_primitive>"), Request{}, ErrUnknown},
		"a document type":             {`<!DOCTYPE m [<!ENTITY a "b">]>` + example[39:], Request{}, ErrSyntax},
		"an entity nobody declared":   {inside("<vc_primitive>" + update + "<stream_id>&a;</stream_id></vc_primitive>"), Request{}, ErrSyntax},
		"deep":                        {inside(strings.Repeat("<a>", maxDepth) + strings.Repeat("</a>", maxDepth)), Request{}, ErrLimit},
		"long":                        {strings.Repeat(" ", MaxBytes) + example, Request{}, ErrLimit},
		"many elements":               {inside(strings.Repeat("<a/>", maxTokens)), Request{}, ErrLimit},
		"more streams than are known": {inside("<vc_primitive>" + update + strings.Repeat("<stream_id>1</stream_id>", 9) + "</vc_primitive>"), Request{FastUpdate: true, Streams: strings.Split("1,1,1,1,1,1,1,1", ",")}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Parse([]byte(c.in))
			if !errors.Is(err, c.err) || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, %v; want %+v, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	want := Request{FastUpdate: true, Streams: []string{"<1>"}}
	if got, err := Parse(FastUpdate("<1>")); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for err, want := range map[error]int{ErrSyntax: 400, ErrUnknown: 400, ErrLimit: 413} {
		status, body := Refusal(err)
		if got, perr := Parse(body); status != want || perr != nil || !got.Refused {
			t.Errorf("%v: %d, %s", err, status, body)
		}
	}
}

// TestLimiter: of many requests few pass, and the last is always served.
func TestLimiter(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(1000 + ms)) }
	l := NewLimiter(500 * time.Millisecond)
	var passed []int
	asks := map[int]bool{0: true, 10: true, 20: true, 600: true, 999: true, 2000: true}
	for ms := range 3000 {
		if asks[ms] && l.Ask(at(ms)) || l.Tick(at(ms)) {
			passed = append(passed, ms)
		}
		if due := l.Due(); !due.IsZero() && due.Sub(at(ms)) > 500*time.Millisecond {
			t.Fatalf("at %d due in %v", ms, due.Sub(at(ms)))
		}
	}
	if want := []int{0, 500, 1000, 2000}; !reflect.DeepEqual(passed, want) || l.Merged() != 2 {
		t.Errorf("%v, want %v; merged %d", passed, want, l.Merged())
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add(FastUpdate("a", "b"))
	f.Add(generalError("x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Parse(b)
		if err != nil || !r.FastUpdate {
			return
		}
		if len(r.Streams) > MaxStreams {
			t.Fatalf("%d streams", len(r.Streams))
		}
		again, err := Parse(FastUpdate(r.Streams...))
		r.Refused = false
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v became %+v: %v", r, again, err)
		}
		if !bytes.Contains(FastUpdate(), []byte("picture_fast_update")) {
			t.Fatal("does not ask")
		}
	})
}
