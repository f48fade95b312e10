package hwaccel

import (
	"fmt"

	"legroom/media"
)

// Fits tells whether p has that size and all its samples in memory. Errors: ErrPicture.
func Fits(p *media.Picture, width, height int) error {
	if p.Width != width || p.Height != height {
		return fmt.Errorf("hwaccel: picture of %dx%d, not %dx%d: %w", p.Width, p.Height, width, height, ErrPicture)
	}
	return Whole(p)
}

// Whole tells whether all samples of p are in memory. Shape: I420. Errors: ErrPicture.
func Whole(p *media.Picture) error {
	if p.Width <= 0 || p.Height <= 0 {
		return fmt.Errorf("hwaccel: picture of %dx%d: %w", p.Width, p.Height, ErrPicture)
	}
	for i, plane := range p.Planes {
		width, height := p.Width, p.Height
		if i > 0 {
			width, height = (width+1)/2, (height+1)/2
		}
		// By division, as a stride that somebody made up times the height may be more than an int holds.
		if p.Stride[i] < width || len(plane) < width || (len(plane)-width)/p.Stride[i] < height-1 {
			return fmt.Errorf("hwaccel: plane %d of a %dx%d picture is too short: %w", i, p.Width, p.Height, ErrPicture)
		}
	}
	return nil
}
