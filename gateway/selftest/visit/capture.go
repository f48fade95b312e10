package visit

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"legroom/e2ee/replay"
	"legroom/e2ee/sframe"
	"legroom/e2ee/visitor"
	"legroom/gateway/api"
	"legroom/gateway/tap"
	"legroom/media"
)

// Bounds of a capture.
const (
	maxStreams = 1024
	maxPeople  = 4096
	// maxAhead frames wait for the commit into their epoch.
	maxAhead = 512
)

// capture puts what comes on all slots down to who sent it. Who that is says the key that opens a payload; of what opens with
// no key, and in an open room, it is whom the gateway names.
type capture struct {
	mu      sync.Mutex
	member  member // nil in an open room
	began   time.Time
	over    bool
	now     func() time.Time
	slots   map[string]api.SlotItem
	people  map[string]api.Participant
	streams map[streamKey]*stream
	ahead   []frame
	buffer  []byte
}

// streamKey tells streams apart.
type streamKey struct {
	sender string // "leaf 3", "grant 1 line 0", or "id " and a participant
	kind   sframe.Kind
}

func newCapture(now func() time.Time) *capture {
	return &capture{
		now: now, slots: make(map[string]api.SlotItem), people: make(map[string]api.Participant), streams: make(map[streamKey]*stream),
	}
}

// begin the look: what came before does not count.
func (c *capture) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began = c.now()
}

// end the look. Frames that nobody can explain any more are put down as they are, unless they came at the very end, or moved
// tells that the meeting has keys now which a visitor cannot have.
func (c *capture) end(moved bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retry()
	for _, f := range c.ahead {
		if !moved && c.now().Sub(f.at) > tailTime {
			c.unopened(f, visitor.ErrNoKey)
		}
	}
	c.over, c.ahead = true, nil
}

// changed does something to what is known, such as a commit, and looks again at frames that waited for it.
func (c *capture) changed(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.retry()
}

func (c *capture) retry() {
	waiting := c.ahead
	c.ahead = nil
	for _, f := range waiting {
		c.put(f)
	}
}

// know people of the room; it is called from within changed.
func (c *capture) know(people []api.Participant) {
	for _, p := range people {
		if _, known := c.people[p.ID]; known || len(c.people) < maxPeople {
			c.people[p.ID] = p
		}
	}
}

// members of the group by name, with a word for those whom the gateway does not count among the people in the room.
func (c *capture) members(group *replay.State) (names []string) {
	here := make(map[uint32]bool)
	for _, p := range c.present() {
		if p.Leaf != nil {
			here[*p.Leaf] = true
		}
	}
	for _, m := range group.Members() {
		name := printable(m.Credential.Name)
		if !here[m.Index] {
			name += " (not connected)"
		}
		names = append(names, name)
	}
	return names
}

// take a whole payload. Owner: its bytes are lent.
func (c *capture) take(f frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.at = c.now(); c.began.IsZero() || c.over {
		return
	}
	c.put(f)
}

// lost notes packets of which no payload could be made.
func (c *capture) lost(mid string, codec media.CodecName, packets uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.began.IsZero() || c.over {
		return
	}
	if s := c.claimed(mid, codec); s != nil {
		s.notes.Packets(packets)
		s.notes.Unread(packets)
	}
}

func (c *capture) put(f frame) {
	if c.member == nil {
		c.unopened(f, nil)
		return
	}
	var why error
	for _, kind := range c.kinds(f) {
		plain, id, err := c.member.Open(c.buffer[:0], f.codec, kind, f.payload)
		c.buffer = plain[:0]
		switch {
		case err == nil:
			c.opened(f, kind, id)
			return
		case errors.Is(err, visitor.ErrNoKey) && c.early(f):
			return
		case why == nil:
			why = err
		}
	}
	c.unopened(f, why)
}

// kinds that a frame may be of, that which the gateway names first.
func (c *capture) kinds(f frame) []sframe.Kind {
	all := []sframe.Kind{sframe.Video, sframe.Screen}
	if f.codec == media.Opus {
		all = []sframe.Kind{sframe.Audio, sframe.ScreenAudio}
	}
	if kindOf(c.slots[f.mid].Source) == all[1] {
		slices.Reverse(all)
	}
	return all
}

// early tells whether a frame of an epoch without a key is one for which there need be none yet: from before the visitor
// came, as long as senders have not changed, or from after a commit that is still under way.
func (c *capture) early(f frame) bool {
	if f.at.Sub(c.began) < settleTime {
		if s := c.claimed(f.mid, f.codec); s != nil {
			s.before++
		}
		return true
	}
	if len(c.ahead) >= maxAhead {
		return false
	}
	f.payload = slices.Clone(f.payload)
	c.ahead = append(c.ahead, f)
	return true
}

// opened puts a payload down to whom its key id names.
func (c *capture) opened(f frame, kind sframe.Kind, id sframe.KeyID) {
	who, err := c.member.Sender(id)
	if err != nil {
		c.unopened(f, err)
		return
	}
	about := api.TapStream{Source: sourceOf(kind), Codec: string(f.codec), Kind: string(api.KindBrowser), Sender: &api.TapSender{}}
	if who.Leaf != nil {
		leaf := uint32(id.Leaf())
		about.Sender.Leaf = &leaf
	} else {
		about.Sender.Grant, about.Sender.Line, about.Kind = &who.N, &who.Leg.No, string(who.Leg.Kind)
	}
	if s := c.stream(kind, about); s != nil {
		s.name = who.Name
		s.open(id, f)
	}
}

// unopened puts a payload down to whom the gateway names for the slot.
func (c *capture) unopened(f frame, why error) {
	s := c.claimed(f.mid, f.codec)
	if s == nil {
		return
	}
	s.notes.Packets(f.packets)
	s.notes.Payload(f.payload, 0)
	if s.failed++; s.why == nil {
		s.why = why
	}
}

// claimed is the stream that the gateway says a slot carries.
func (c *capture) claimed(mid string, codec media.CodecName) *stream {
	item := c.slots[mid]
	p := c.people[item.Participant]
	kind := kindOf(item.Source)
	if kind == 0 {
		kind = sframe.Video
		if codec == media.Opus {
			kind = sframe.Audio
		}
	}
	about := api.TapStream{Participant: item.Participant, Kind: string(p.Kind), Source: sourceOf(kind), Codec: string(codec)}
	switch {
	case p.Leaf != nil:
		about.Sender = &api.TapSender{Leaf: p.Leaf}
	case p.Grant != nil && p.Line != nil:
		about.Sender = &api.TapSender{Grant: p.Grant, Line: p.Line}
	}
	s := c.stream(kind, about)
	if s != nil && s.name == "" {
		s.name = p.Name
	}
	return s
}

func (c *capture) stream(kind sframe.Kind, about api.TapStream) *stream {
	key := streamKey{senderText(about.Sender, about.Participant), kind}
	s := c.streams[key]
	if s == nil && len(c.streams) < maxStreams {
		s = &stream{sender: key.sender, kind: kind, notes: tap.NewNotes(kind, about)}
		c.streams[key] = s
	}
	return s
}

// all streams in order of who sends them.
func (c *capture) all() []*stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*stream
	for _, s := range c.streams {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *stream) int { return cmp.Or(cmp.Compare(a.sender, b.sender), cmp.Compare(a.kind, b.kind)) })
	return out
}
