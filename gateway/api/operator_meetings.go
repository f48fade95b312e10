package api

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"legroom/e2ee"
)

// Identity is the key by which encrypted rooms know a gateway.
type Identity struct {
	Key         string `json:"key" doc:"Ed25519, base64url"`
	Fingerprint string `json:"fingerprint" doc:"of that key, as browsers show it to people"`
}

// Meeting is one encrypted room with people in it.
type Meeting struct {
	Room    string `json:"room" doc:"number of the room"`
	Mode    string `json:"mode" doc:"mixed or sealed"`
	People  int    `json:"people" doc:"who has joined, telephones too"`
	Phones  int    `json:"phones" doc:"telephones among them; each is there by a grant"`
	Waiting int    `json:"waiting" doc:"who waits to be let in"`
}

// KeptLog is the log of a meeting that was kept. It says who was there: keep it as the privacy of the room demands.
type KeptLog struct {
	Room     string    `json:"room" doc:"number of the room"`
	File     string    `json:"file" doc:"its name for /api/v1/meetings/{room}/logs/{file}"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
	Running  bool      `json:"running" doc:"its meeting goes on, and the file has no end yet: read it by /api/v1/meetings/{room}/log"`
}

// MeetingLister is where the operator's list of meetings comes from.
type MeetingLister interface {
	// Meetings that go on, by number.
	Meetings() []Meeting
	// Kept logs, latest first. Errors: those of the folder.
	Kept() ([]KeptLog, error)
	// Export writes the log of a meeting that goes on. Errors: ErrNoLog before anything is written, those of w.
	Export(room string, w io.Writer) error
	// Open reads a kept log. Errors: fs.ErrNotExist, those of the file.
	Open(room, file string) (io.ReadCloser, error)
}

// ErrNoLog tells that no meeting of the room goes on, or that it keeps no log.
var ErrNoLog = errors.New("api: no log of that room")

type identityAnswer struct{ Body Identity }

type meetingsAnswer struct {
	Body struct {
		Meetings []Meeting `json:"meetings" doc:"encrypted rooms with people in them"`
		Kept     []KeptLog `json:"kept" doc:"logs on the disk, those of meetings that go on too"`
	}
}

// logType is that of lines of JSON, one object each.
const logType = "application/jsonl"

func identityOf(id *e2ee.Identity) Identity {
	return Identity{Key: keyText(id.Key()), Fingerprint: id.Fingerprint().String()}
}

// operateMeetings adds what an operator may ask of encrypted meetings: their logs, and nothing that opens them.
func operateMeetings(api huma.API, meetings MeetingLister) {
	huma.Get(api, "/api/v1/meetings", func(context.Context, *struct{}) (*meetingsAnswer, error) {
		kept, err := meetings.Kept()
		if err != nil {
			return nil, huma.Error500InternalServerError("the logs cannot be listed", err)
		}
		out := &meetingsAnswer{}
		out.Body.Meetings, out.Body.Kept = append([]Meeting{}, meetings.Meetings()...), append([]KeptLog{}, kept...)
		return out, nil
	})
	huma.Get(api, "/api/v1/meetings/{room}/log", func(_ context.Context, in *struct {
		Room string `path:"room" maxLength:"32" doc:"number of the room"`
	}) (*huma.StreamResponse, error) {
		return exported(in.Room+".jsonl", func(w io.Writer) error { return meetings.Export(in.Room, w) }), nil
	}, asLog("The log of the meeting in that room as it is now"))
	huma.Get(api, "/api/v1/meetings/{room}/logs/{file}", func(_ context.Context, in *struct {
		Room string `path:"room" maxLength:"32" doc:"number of the room"`
		File string `path:"file" maxLength:"128" doc:"file of a kept log"`
	}) (*huma.StreamResponse, error) {
		return exported(in.File, func(w io.Writer) error {
			log, err := meetings.Open(in.Room, in.File)
			if err != nil {
				return err
			}
			defer func() { _ = log.Close() }()
			_, err = io.Copy(w, log)
			return err
		}), nil
	}, asLog("A log that was kept"))
}

// asLog describes an answer of lines.
func asLog(summary string) func(*huma.Operation) {
	return func(o *huma.Operation) {
		o.Summary = summary
		o.Responses = map[string]*huma.Response{
			"200": {Description: "for `legroom verify`", Content: map[string]*huma.MediaType{logType: {}}},
			"404": {Description: "there is none"},
		}
	}
}

// exported answers with what write writes. Until the first byte a failure is an answer of its own; a later one breaks the
// connection off, so that nobody takes half a log for a whole one.
func exported(name string, write func(io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		out := &download{ctx: ctx, name: name}
		switch err := write(out); {
		case err == nil:
			out.begin()
		case out.begun:
			panic(http.ErrAbortHandler)
		case errors.Is(err, ErrNoLog), errors.Is(err, fs.ErrNotExist):
			ctx.SetStatus(http.StatusNotFound)
		default:
			ctx.SetStatus(http.StatusInternalServerError)
		}
	}}
}

// download is a file on its way to the operator.
type download struct {
	ctx   huma.Context
	name  string
	begun bool
}

func (d *download) begin() {
	if d.begun {
		return
	}
	d.begun = true
	d.ctx.SetHeader("Content-Type", logType)
	d.ctx.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
	d.ctx.SetHeader("Cache-Control", "no-store")
	d.ctx.SetStatus(http.StatusOK)
}

// Write sends.
func (d *download) Write(b []byte) (int, error) {
	d.begin()
	return d.ctx.BodyWriter().Write(b)
}
