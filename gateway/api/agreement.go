package api

import (
	"slices"
	"sync"

	"legroom/media"
)

// agreement is the one video codec of each encrypted room: nothing can be converted there, so all browsers have to send
// and read the same. The first browser's offer decides, and it is forgotten when the last browser has gone.
type agreement struct {
	mu    sync.Mutex
	rooms map[string]*agreed // by number
}

type agreed struct {
	browsers int
	codec    media.CodecName // empty before the first offer
}

func newAgreement() *agreement { return &agreement{rooms: make(map[string]*agreed)} }

// enter counts a browser of a room in.
func (a *agreement) enter(room string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.rooms[room] == nil {
		a.rooms[room] = &agreed{}
	}
	a.rooms[room].browsers++
}

// leave counts one out that has entered.
func (a *agreement) leave(room string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.rooms[room]
	if r.browsers--; r.browsers == 0 {
		delete(a.rooms, room)
	}
}

// codec gives that of the room to a browser in it that offers these, which it may not be among. Where there is none yet
// it becomes the first of ours that is offered; an offer without any decides nothing.
func (a *agreement) codec(room string, offered []media.CodecName) media.CodecName {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.rooms[room]
	if r == nil { // the last browser is on its way out
		return media.VP8
	}
	if r.codec != "" {
		return r.codec
	}
	for _, c := range []media.CodecName{media.VP8, media.H264} {
		if slices.Contains(offered, c) {
			r.codec = c
			return c
		}
	}
	return media.VP8
}
