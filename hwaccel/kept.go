package hwaccel

import (
	"fmt"

	"legroom/media"
)

// Kept holds a picture for longer than it is lent: a copy of one in memory, another hold on one on a card. Its memory is
// used again for the next picture. The zero value holds none. One goroutine at a time uses it.
type Kept struct {
	// picture is what is held, of copy's planes or on surface.
	picture media.Picture
	copy    *media.Picture
	surface Surface
	full    bool
}

// Put holds p instead of what was held. Owner: p is lent. Errors: ErrPicture when there is nothing to hold.
func (k *Kept) Put(p *media.Picture) error {
	k.full = false
	if p.Surface != nil {
		return k.hold(p)
	}
	if err := whole(p); err != nil {
		return err
	}
	if k.copy == nil || k.copy.Width != p.Width || k.copy.Height != p.Height {
		k.copy = NewPicture(p.Width, p.Height)
	}
	for i, from := range p.Planes {
		to, rows, columns := k.copy.Planes[i], rows(i, p.Height), columns(i, p.Width)
		if p.Stride[i] == k.copy.Stride[i] {
			copy(to, from[:p.Stride[i]*(rows-1)+columns])
			continue
		}
		for y := range rows {
			copy(to[y*k.copy.Stride[i]:][:columns], from[y*p.Stride[i]:])
		}
	}
	k.picture = *k.copy
	k.picture.Timestamp, k.full = p.Timestamp, true
	return nil
}

func (k *Kept) hold(p *media.Picture) (err error) {
	on, ok := p.Surface.(Surface)
	if !ok {
		return fmt.Errorf("hwaccel: keep a surface of another kind: %w", ErrPicture)
	}
	if k.surface, err = on.Keep(k.surface); err != nil {
		return err
	}
	k.picture = *p
	k.picture.Surface, k.full = k.surface, true
	return nil
}

// Picture is what is held, nil for none. Owner: the Kept, until the next Put or Release.
func (k *Kept) Picture() *media.Picture {
	if !k.full {
		return nil
	}
	return &k.picture
}

// Release gives all back that is held. It may be called more than once.
func (k *Kept) Release() {
	if k.surface != nil {
		k.surface.Release()
	}
	*k = Kept{}
}

// whole tells whether all samples of p are in memory. Errors: ErrPicture.
func whole(p *media.Picture) error {
	if p.Width <= 0 || p.Height <= 0 {
		return fmt.Errorf("hwaccel: picture of %dx%d: %w", p.Width, p.Height, ErrPicture)
	}
	for i, plane := range p.Planes {
		if p.Stride[i] < columns(i, p.Width) || len(plane) < p.Stride[i]*(rows(i, p.Height)-1)+columns(i, p.Width) {
			return fmt.Errorf("hwaccel: plane %d of a %dx%d picture is too short: %w", i, p.Width, p.Height, ErrPicture)
		}
	}
	return nil
}

func columns(plane, width int) int {
	if plane == 0 {
		return width
	}
	return (width + 1) / 2
}

func rows(plane, height int) int {
	if plane == 0 {
		return height
	}
	return (height + 1) / 2
}
