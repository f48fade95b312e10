package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
)

// library has logs by name; one that ends in "!" breaks off.
type library map[string]string

var errDisk = errors.New("disk")

func (l library) Meetings() []Meeting {
	return []Meeting{{Room: "1000", Mode: "mixed", People: 2, Phones: 1}}
}

func (l library) Kept() ([]KeptLog, error) {
	if _, ok := l["broken"]; ok {
		return nil, errDisk
	}
	return []KeptLog{{Room: "1000", File: "1000-a.jsonl", Bytes: 3}}, nil
}

func (l library) Export(room string, w io.Writer) error {
	text, ok := l[room]
	if !ok {
		return ErrNoLog
	}
	text, broken := strings.CutSuffix(text, "!")
	if text != "" {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	if broken {
		return errDisk
	}
	return nil
}

func (l library) Open(room, file string) (io.ReadCloser, error) {
	text, ok := l[room+"/"+file]
	if !ok {
		return nil, fmt.Errorf("open: %w", fs.ErrNotExist)
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

type nobody struct{}

func (nobody) Calls() []Call          { return nil }
func (nobody) Refused() []RefusedCall { return nil }

func operator(l library) http.Handler {
	return NewOperator(OperatorConfig{
		Calls: nobody{}, Metrics: http.NotFoundHandler(), Ready: func() bool { return true }, Version: "1",
		Identity: e2ee.NewIdentity(e2eetest.Seeded(0x70)), Meetings: l,
	})
}

func TestOperatorDownloadsLogs(t *testing.T) {
	h := operator(library{"1000": "line\n", "2000": "!", "1000/1000-a.jsonl": "kept\n"})
	for path, want := range map[string]struct {
		code       int
		body, name string
	}{
		"1000/log":               {200, "line\n", "1000.jsonl"},
		"3000/log":               {404, "", ""},
		"2000/log":               {500, "", ""},
		"1000/logs/1000-a.jsonl": {200, "kept\n", "1000-a.jsonl"},
		"1000/logs/1000-b.jsonl": {404, "", ""},
	} {
		w := get(h, "/api/v1/meetings/"+path)
		if w.Code != want.code || w.Body.String() != want.body {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
		if want.name != "" && w.Header().Get("Content-Disposition") != "attachment; filename="+want.name {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
}

// TestHalfALogIsNone: what breaks off behind the first byte breaks the connection off.
func TestHalfALogIsNone(t *testing.T) {
	server := httptest.NewServer(operator(library{"1000": "line\n!"}))
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/api/v1/meetings/1000/log")
	if err != nil {
		return // it broke off before the head was sent
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("taken for whole: %q", body)
	}
}

func TestOperatorListsMeetings(t *testing.T) {
	w := get(operator(library{}), "/api/v1/meetings")
	var list struct {
		Meetings []Meeting
		Kept     []KeptLog
	}
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Meetings) != 1 || len(list.Kept) != 1 || list.Kept[0].File != "1000-a.jsonl" {
		t.Errorf("%s, %v", w.Body, err)
	}
	if w := get(operator(library{"broken": ""}), "/api/v1/meetings"); w.Code != http.StatusInternalServerError {
		t.Errorf("logs that cannot be listed: %d", w.Code)
	}
	var id Identity
	if w := get(operator(library{}), "/api/v1/identity"); json.Unmarshal(w.Body.Bytes(), &id) != nil || id.Fingerprint == "" || len(id.Key) != 43 {
		t.Errorf("identity %s", w.Body)
	}
	if w := get(operator(library{}), "/openapi.json"); !strings.Contains(w.Body.String(), "/api/v1/meetings/{room}/logs/{file}") {
		t.Error("not described")
	}
}
