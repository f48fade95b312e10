package compose

import (
	"errors"
	"fmt"
	"time"
)

// ErrConfig is what New answers to a Config that cannot be.
var ErrConfig = errors.New("compose: configuration")

// DefaultGlide is how long tiles take to their new places: long enough for the eye to follow, short enough not to wait.
const DefaultGlide = 250 * time.Millisecond

// Sizes of a canvas.
const (
	minSide = 128
	maxSide = 4096
)

// Config of a Compositor.
type Config struct {
	// Width and Height of the picture that is made, pixels, even, 128 to 4096.
	Width, Height int
	// Scalers bring pictures to the size of their tiles.
	Scalers Scalers
	// Glide is how long tiles take to their new places; 0 puts them there at once.
	Glide time.Duration
}

func (c Config) validate() error {
	switch {
	case c.Width < minSide || c.Height < minSide || c.Width > maxSide || c.Height > maxSide || c.Width%2+c.Height%2 != 0:
		return fmt.Errorf("%w: canvas of %dx%d: sides are even, %d to %d", ErrConfig, c.Width, c.Height, minSide, maxSide)
	case c.Scalers == nil:
		return fmt.Errorf("%w: nothing scales", ErrConfig)
	case c.Glide < 0 || c.Glide > 10*time.Second:
		return fmt.Errorf("%w: glide of %s: 0 to 10 s", ErrConfig, c.Glide)
	}
	return nil
}
