package compose

import (
	"errors"
	"fmt"
	"sync"

	"legroom/hwaccel"
	"legroom/media"
)

// Scalers opens scalers; a hwaccel.Device is one. Who hands in one that falls back from a card to the processor gets that
// for every picture: a Slot opens a new scaler after one that failed.
type Scalers interface {
	// OpenScaler opens a scaler. Errors: hwaccel.ErrUnsupported.
	OpenScaler(hwaccel.ScalerConfig) (hwaccel.Scaler, error)
}

// Slot is one source of a Compositor: what its tile shows. It is a media.Sink and keeps the latest picture, in the size
// in which it is shown; while it is not shown it keeps none, and a Write costs nothing.
// Owner: pictures are copied in Write. It holds three of the size of its tile and never more.
// Its methods may be called from any goroutine, also while the Compositor steps.
type Slot struct {
	scalers Scalers
	leave   func(*Slot)

	// making is held by who makes the next picture. Nobody waits for it but Close.
	making sync.Mutex
	scaler hwaccel.Scaler
	size   Rect // of what scaler makes
	next   *still
	keep   media.SinkFunc[*media.Picture]

	mu    sync.Mutex
	ready *still // the latest
	tile  Rect   // size of the tile; empty while the slot is not shown
	label Label
	news  news
}

// news is what has changed since the Compositor looked.
type news struct {
	picture, label, blank, closed bool
	dropped                       uint64
}

// still is a picture that a Slot keeps.
type still struct {
	media.Picture
	// sourceWidth and sourceHeight are the shape it came in; 0 while there is none.
	sourceWidth, sourceHeight int
}

func newSlot(scalers Scalers, leave func(*Slot)) *Slot {
	s := &Slot{scalers: scalers, leave: leave, next: &still{}, ready: &still{}}
	s.keep = s.copy
	return s
}

// Write takes the next picture; one whose fitted size is its own is copied, others are scaled. It never waits: when
// another goroutine is inside it this picture is dropped and counted.
// Errors: media.ErrClosed; hwaccel.ErrPicture for one that lacks samples; those of the scaler. The tile then keeps what
// it shows.
func (s *Slot) Write(p *media.Picture) error {
	if !s.making.TryLock() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.news.dropped++
		return nil
	}
	defer s.making.Unlock()
	return s.bring(p, p.Width, p.Height)
}

// bring makes p the latest picture. It is called with making held.
func (s *Slot) bring(p *media.Picture, sourceWidth, sourceHeight int) error {
	s.mu.Lock()
	tile, closed := s.tile, s.news.closed
	s.mu.Unlock()
	switch {
	case closed:
		return media.ErrClosed
	case tile.Empty():
		return nil
	case p.Width <= 0 || p.Height <= 0:
		return fmt.Errorf("compose: picture of %dx%d: %w", p.Width, p.Height, hwaccel.ErrPicture)
	}
	to := fit(sourceWidth, sourceHeight, Rect{0, 0, tile.Width, tile.Height})
	resize(&s.next.Picture, to.Width, to.Height)
	if err := s.scale(p); err != nil {
		return fmt.Errorf("compose: slot: %w", err)
	}
	s.next.sourceWidth, s.next.sourceHeight = sourceWidth, sourceHeight
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tile.Empty() {
		return nil // it left while the picture was made
	}
	s.next, s.ready = s.ready, s.next
	s.news.picture, s.news.blank = true, false
	return nil
}

// scale fills next.
func (s *Slot) scale(p *media.Picture) error {
	to := Rect{Width: s.next.Width, Height: s.next.Height}
	if p.Surface == nil && p.Width == to.Width && p.Height == to.Height {
		return s.copy(p)
	}
	if s.scaler == nil || s.size != to {
		s.drop()
		scaler, err := s.scalers.OpenScaler(hwaccel.ScalerConfig{Width: to.Width, Height: to.Height, InMemory: true})
		if err != nil {
			return err
		}
		s.scaler, s.size = scaler, to
	}
	err := s.scaler.Scale(p, s.keep)
	if err != nil && !errors.Is(err, hwaccel.ErrPicture) {
		s.drop()
	}
	return err
}

// copy takes over a picture that has the size of next.
func (s *Slot) copy(p *media.Picture) error {
	if p.Width != s.next.Width || p.Height != s.next.Height {
		return fmt.Errorf("compose: %dx%d for %dx%d: %w", p.Width, p.Height, s.next.Width, s.next.Height, hwaccel.ErrPicture)
	}
	for i, plane := range s.next.Planes {
		_, _, w, h := part(i, Rect{0, 0, p.Width, p.Height})
		if p.Stride[i] < w || len(p.Planes[i]) < p.Stride[i]*(h-1)+w {
			return fmt.Errorf("compose: plane %d of a %dx%d picture is too short: %w", i, p.Width, p.Height, hwaccel.ErrPicture)
		}
		if p.Stride[i] == w {
			copy(plane, p.Planes[i][:w*h])
			continue
		}
		for y := range h {
			copy(plane[y*w:][:w], p.Planes[i][y*p.Stride[i]:])
		}
	}
	return nil
}

// drop closes the scaler.
func (s *Slot) drop() {
	if s.scaler != nil {
		_ = s.scaler.Close()
		s.scaler = nil
	}
}

// Blank forgets the picture: the camera is off, and the tile shows who it is until the next Write.
func (s *Slot) Blank() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news.blank, s.news.picture = true, false
}

// SetLabel says what stands on the tile. The same Label again changes nothing and costs nothing.
func (s *Slot) SetLabel(l Label) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news.label = s.news.label || s.label != l
	s.label = l
}

// Dropped is how many pictures came while another was being taken.
func (s *Slot) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.news.dropped
}

// Close takes the slot out of its Compositor; Write then answers media.ErrClosed. It waits for a Write that is under way,
// and may be called more than once. The error is always nil.
func (s *Slot) Close() error {
	s.mu.Lock()
	closed := s.news.closed
	s.news.closed, s.tile = true, Rect{}
	s.mu.Unlock()
	if closed {
		return nil
	}
	s.making.Lock()
	s.drop()
	s.making.Unlock()
	s.leave(s)
	return nil
}

// aim says how large the tile is; empty when the slot is not shown, which frees what it holds that is not in use just now.
func (s *Slot) aim(size Rect) {
	s.mu.Lock()
	s.tile = Rect{Width: size.Width, Height: size.Height}
	if !size.Empty() {
		s.mu.Unlock()
		return
	}
	s.news.blank, s.news.picture, s.ready = true, false, &still{}
	s.mu.Unlock()
	if s.making.TryLock() {
		s.drop()
		s.next = &still{}
		s.making.Unlock()
	}
}
