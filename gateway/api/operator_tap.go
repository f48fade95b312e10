package api

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Why a room cannot be looked at.
var (
	// ErrNoTapRoom: there is no such room now.
	ErrNoTapRoom = errors.New("api: no such room")
	// ErrTapBusy: somebody looks already.
	ErrTapBusy = errors.New("api: another look is under way")
)

// Tap is what a gateway forwarded in a room for a while: enough to judge whether it was sealed, and nothing of what was
// not. Of payloads in clear it holds no byte.
type Tap struct {
	Room    string      `json:"room" doc:"number of the room"`
	Mode    string      `json:"mode" doc:"what the room promises: open, mixed or sealed"`
	Seconds float64     `json:"seconds" doc:"how long was looked"`
	Streams []TapStream `json:"streams" doc:"what was forwarded"`
}

// TapStream is one stream of a Tap.
type TapStream struct {
	Participant string     `json:"participant" doc:"id of who publishes it"`
	Kind        string     `json:"kind" doc:"browser, phone, roomSystem or recorder"`
	Source      string     `json:"source" doc:"microphone, camera, screen or screenAudio"`
	Codec       string     `json:"codec" doc:"in which it is forwarded"`
	InClear     bool       `json:"inClear" doc:"it reaches the gateway in clear, as that of a telephone does"`
	Opened      bool       `json:"opened" doc:"a grant of the hosts lets the gateway open it"`
	Sender      *TapSender `json:"sender,omitempty" doc:"who that is in the group of an encrypted room"`
	Packets     uint64     `json:"packets" doc:"of RTP"`
	Payloads    uint64     `json:"payloads" doc:"whole ones: packets of sound, pictures"`
	Bytes       uint64     `json:"bytes" doc:"of whole payloads"`
	Unread      uint64     `json:"unread" doc:"packets of a codec, or of a picture, that could not be put together"`
	Sealed      uint64     `json:"sealed" doc:"payloads in the form of a sealed one, of that sender"`
	// Heads of payloads, in their order; empty unless all payloads are sealed.
	Heads []TapHead `json:"heads" doc:"of sealed payloads; none where one was not sealed"`
	// Samples are a few whole payloads, under the same condition.
	Samples [][]byte `json:"samples" doc:"a few whole sealed payloads, base64; none where one was not sealed"`
}

// TapSender is a leaf of the group, or a line of a grant.
type TapSender struct {
	Leaf  *uint32 `json:"leaf,omitempty" doc:"of a browser"`
	Grant *uint32 `json:"grant,omitempty" doc:"number of the grant, of a leg of the gateway; modulo 32 where it was read from a payload"`
	Line  *uint16 `json:"line,omitempty" doc:"of that leg in its request"`
}

// TapHead is what stands in clear with one sealed payload.
type TapHead struct {
	Size    int       `json:"size" doc:"bytes of the payload"`
	First   []byte    `json:"first" doc:"its first bytes, base64"`
	Last    []byte    `json:"last" doc:"its last bytes, base64"`
	Sender  TapSender `json:"sender" doc:"as the key id names it"`
	Epoch   uint8     `json:"epoch" doc:"low 8 bits"`
	Counter uint64    `json:"counter"`
}

// Tapper looks at what a room forwards.
type Tapper interface {
	// Tap looks for that long, or until ctx ends. Errors: ErrNoTapRoom, ErrTapBusy.
	Tap(ctx context.Context, room string, d time.Duration) (*Tap, error)
}

// tapRequest is a look that is asked for. It is not for other machines: what is sealed is nobody's there either.
type tapRequest struct {
	Number  string `path:"number" maxLength:"32" doc:"number of the room"`
	Seconds int    `query:"seconds" minimum:"1" maximum:"10" default:"5" doc:"how long to look"`
	local   bool
}

// Resolve notes where the question comes from.
func (r *tapRequest) Resolve(ctx huma.Context) []error {
	from, err := netip.ParseAddrPort(ctx.RemoteAddr())
	r.local = err == nil && from.Addr().Unmap().IsLoopback()
	return nil
}

type tapAnswer struct{ Body *Tap }

// operateTap adds the look at what a room forwards.
func operateTap(api huma.API, tapper Tapper) {
	if tapper == nil {
		return
	}
	huma.Get(api, "/api/v1/rooms/{number}/tap", func(ctx context.Context, in *tapRequest) (*tapAnswer, error) {
		if !in.local {
			return nil, huma.Error403Forbidden("a room can be looked at from the gateway's own machine only")
		}
		tap, err := tapper.Tap(ctx, in.Number, time.Duration(in.Seconds)*time.Second)
		switch {
		case errors.Is(err, ErrNoTapRoom):
			return nil, huma.Error404NotFound("nobody has been in that room, or there is none")
		case errors.Is(err, ErrTapBusy):
			return nil, huma.NewError(http.StatusConflict, "another look is under way")
		case err != nil:
			return nil, huma.Error500InternalServerError("the room cannot be looked at", err)
		}
		return &tapAnswer{tap}, nil
	})
}
