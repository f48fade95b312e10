package ffmpeg

import (
	"fmt"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/media"
)

// staging takes over a picture that is lent, before a call into a driver: one that hangs still has it when the lender has
// long been told that all is lost. Nothing in it calls the driver.
type staging struct {
	card    *Card
	convert *converter
	// surface is another name for a picture on the card, nv12 is a copy of one in memory; one of the two is there.
	surface, nv12 *astiav.Frame
	onCard        bool
}

func newStaging(card *Card) *staging { return &staging{card: card, surface: astiav.AllocFrame()} }

// has tells whether p lies on this card already.
func (s *staging) has(p *media.Picture) bool {
	on, ok := p.Surface.(*Surface)
	return ok && on.card == s.card
}

// take takes p over. Errors: hwaccel.ErrPicture.
func (s *staging) take(p *media.Picture) (err error) {
	s.surface.Unref()
	if s.onCard = s.has(p); s.onCard {
		if err := s.surface.Ref(p.Surface.(*Surface).frame); err != nil {
			return fmt.Errorf("ffmpeg: keep a surface: %w: %w", hwaccel.ErrPicture, err)
		}
		return nil
	}
	if err := hwaccel.Whole(p); err != nil {
		return err
	}
	if s.convert == nil || s.convert.width != p.Width || s.convert.height != p.Height {
		if s.convert != nil {
			s.convert.free()
			s.convert = nil
		}
		if s.convert, err = newConverter(p.Width, p.Height, astiav.PixelFormatNv12); err != nil {
			return err
		}
	}
	s.nv12, err = s.convert.fill(p)
	return err
}

func (s *staging) free() {
	s.surface.Free()
	if s.convert != nil {
		s.convert.free()
	}
}
