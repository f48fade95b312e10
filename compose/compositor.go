package compose

import (
	"fmt"
	"time"

	"legroom/media"
)

// Compositor makes one picture out of the latest ones of its slots. It draws when something changed and costs nothing when
// nothing did. Who owns it calls Step, at most as often as the receiver takes pictures, from one goroutine at a time; all
// other methods may be called from any.
type Compositor struct {
	scalers Scalers
	scene   scene
	paint   painter
	canvas  *canvas
	stretch stretcher
	frames  [2]frame
	// ground and dark are the samples of the canvas and of a tile without a picture.
	ground, dark [3]byte

	tiles  []tile
	glide  glide
	banner overhead
	card   cardShown
}

// glide is a move of tiles. Units: ticks of 90 kHz.
type glide struct {
	length, start uint32
	running       bool
}

// overhead is the banner that is shown.
type overhead struct {
	mark  Mark
	stamp *stamp
}

// cardShown is the card that is shown.
type cardShown struct {
	card  *Card
	parts []placed
}

// ticks of the clock of pictures in a second.
const ticks = 90000

// New makes a Compositor that shows nothing yet. It starts no goroutine. The first one of a process reads the fonts, so
// that no step has to: some 50 ms. Errors: ErrConfig.
func New(c Config) (*Compositor, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	_ = parsed()
	p := painter{matrix: matrixOf(c.Height), height: c.Height}
	m := &Compositor{
		scalers: c.Scalers, paint: p, canvas: newCanvas(c.Width, c.Height), frames: p.frames(),
		ground: p.matrix.solid(background), dark: p.matrix.solid(panel),
		glide: glide{length: uint32(c.Glide * ticks / time.Second)},
		scene: scene{width: c.Width, height: c.Height, strip: floor(max(p.px(44), 20)), placed: true, fresh: true},
	}
	return m, nil
}

// Open makes a slot, which is shown when Arrange names it. After Close it is closed too.
func (c *Compositor) Open() *Slot {
	s := newSlot(c.scalers, c.scene.remove)
	if !c.scene.add(s) {
		_ = s.Close()
	}
	return s
}

// Arrange says which slots are shown, in which order and how. Those beyond the capacity of the layout are not shown, as
// are slots of others. Tiles glide to their new places in the steps that follow.
func (c *Compositor) Arrange(l Layout, slots ...*Slot) { c.scene.arrange(l, slots) }

// SetBanner shows a mark across the top of the canvas, for the state of the whole room; the tiles make room for it, so it
// hides nothing. NoMark takes it away.
func (c *Compositor) SetBanner(m Mark) { c.scene.setBanner(m) }

// Show shows a card in place of all tiles, whose slots keep nothing meanwhile; nil shows the tiles again.
// Owner: the card is copied.
func (c *Compositor) Show(card *Card) {
	if card != nil {
		card = card.clone()
	}
	c.scene.setCard(card)
}

// Redraw has the next Step draw even if nothing changed: a receiver came who has no picture yet.
func (c *Compositor) Redraw() { c.scene.redraw() }

// Close closes all slots; Step answers media.ErrClosed from then on. It may be called more than once. The error is always
// nil.
func (c *Compositor) Close() error {
	for _, s := range c.scene.close() {
		_ = s.Close()
	}
	return nil
}

// Step draws one picture and writes it to out, if anything changed since the last one, and tells whether it did. The
// picture bears the timestamp at, by which tiles glide too.
// Units: at is ticks of 90 kHz, of any beginning, and wraps. Shape: I420, limited range, of the size of the Config.
// Owner: the picture is lent to out until its Write returns; the memory is used again.
// Errors: media.ErrClosed after Close; those of out.
func (c *Compositor) Step(at uint32, out media.Sink[*media.Picture]) (drawn bool, err error) {
	whole, closed := c.adopt(at)
	if closed {
		return false, media.ErrClosed
	}
	whole = c.move(at) || whole
	drawn = c.collect(whole)
	if whole {
		c.drawAll()
		drawn = true
	}
	if !drawn {
		return false, nil
	}
	c.canvas.Timestamp = at
	if err := out.Write(&c.canvas.Picture); err != nil {
		return true, fmt.Errorf("compose: %w", err)
	}
	return true, nil
}

// adopt takes over what others said since the last step, and tells whether all has to be drawn.
func (c *Compositor) adopt(at uint32) (whole, closed bool) {
	s := &c.scene
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.fresh {
		return false, s.closed
	}
	if s.placed {
		c.retarget(s.targets, at)
	}
	if s.banner != c.banner.mark {
		c.banner = overhead{mark: s.banner}
	}
	if s.card != c.card.card {
		c.card = cardShown{card: s.card}
	}
	s.placed, s.fresh = false, false
	return true, false
}

// retarget sends the tiles to new places. One that was not there grows out of the middle of its own, unless it is among
// the first.
func (c *Compositor) retarget(targets []target, at uint32) {
	first := len(c.tiles) == 0 || c.glide.length == 0
	next := make([]tile, 0, len(targets))
	for _, to := range targets {
		t := tile{slot: to.slot, shown: &still{}, now: to.rect.shrunk(0.7), to: to.rect}
		for i := range c.tiles {
			if c.tiles[i].slot == to.slot {
				t = c.tiles[i]
				t.to = to.rect
			}
		}
		if first {
			t.now = t.to
		}
		t.from = t.now
		next = append(next, t)
	}
	c.tiles = next
	c.glide.start, c.glide.running = at, !first
}

// move brings the tiles to where they are at a time, and tells whether they moved.
func (c *Compositor) move(at uint32) bool {
	if !c.glide.running {
		return false
	}
	way := float64(at-c.glide.start) / float64(c.glide.length)
	if way >= 1 {
		way, c.glide.running = 1, false
	}
	// Slow, fast, slow.
	way = way * way * (3 - 2*way)
	for i := range c.tiles {
		t := &c.tiles[i]
		t.now = t.from.towards(t.to, way)
	}
	return true
}

// collect takes over the news of all tiles, and draws those that have any unless all will be drawn.
func (c *Compositor) collect(whole bool) (drawn bool) {
	for i := range c.tiles {
		t := &c.tiles[i]
		changed := t.collect()
		if !changed && !whole {
			continue
		}
		if !c.glide.running {
			if t.refit() {
				t.collect()
			}
		}
		t.write(c.paint)
		if !whole {
			t.draw(c.canvas, &c.stretch, &c.frames, c.dark)
		}
		drawn = true
	}
	return drawn
}

func (c *Compositor) drawAll() {
	c.canvas.fill(c.canvas.bounds(), c.ground)
	// The first tiles are the large ones; where tiles pass over each other the first is on top.
	for i := len(c.tiles) - 1; i >= 0; i-- {
		c.tiles[i].draw(c.canvas, &c.stretch, &c.frames, c.dark)
	}
	area := c.canvas.bounds()
	if c.banner.mark.Kind != NoMark {
		strip := c.scene.strip
		if c.banner.stamp == nil {
			c.banner.stamp = c.paint.banner(c.banner.mark, area.Width, strip)
		}
		c.canvas.lay(placed{c.banner.stamp, 0, 0}, area)
		area.Y, area.Height = strip, area.Height-strip
	}
	if c.card.card == nil {
		return
	}
	if c.card.parts == nil {
		c.card.parts = c.paint.card(c.card.card, area)
	}
	for _, each := range c.card.parts {
		c.canvas.lay(each, area)
	}
}
