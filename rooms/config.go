package rooms

import (
	"errors"
	"log/slog"

	"legroom/internal/fault"
)

// Config of a Registry.
type Config struct {
	// MaxAudible is how many voices are mixed at once for legs that hear a mix. Default 5.
	MaxAudible int `yaml:"maxAudible"`
	// AudioTracks is how many audio tracks a browser gets at most, the loudest ones. Default 8.
	AudioTracks int `yaml:"audioTracks"`
	// ComfortNoise is sent to phones while nobody speaks; without it, the codec's exact silence. Default true.
	ComfortNoise bool `yaml:"comfortNoise"`
	// OpusBitrate of sound that the gateway encodes, bit/s. Default 32000.
	OpusBitrate int `yaml:"opusBitrate"`
	// OpusComplexity of that encoder, 0 to 10. Default 5.
	OpusComplexity int `yaml:"opusComplexity"`
	// PictureHeight of the largest picture that is made for a room system, pixels: 360, 720 or 1080. Default 720.
	PictureHeight int `yaml:"pictureHeight"`

	// Clock that steps the rooms; its owner runs it.
	Clock Clock `yaml:"-"`
	// Log of the rooms.
	Log *slog.Logger `yaml:"-"`
	// Policy tells what room a number is, false when there is none. Called once when the room is made. It must not
	// call back into the Registry.
	Policy func(number string) (Policy, bool) `yaml:"-"`
}

// DefaultConfig has every value of the YAML part set.
func DefaultConfig() Config {
	return Config{MaxAudible: 5, AudioTracks: 8, ComfortNoise: true, OpusBitrate: 32000, OpusComplexity: 5, PictureHeight: 720}
}

// Validate lists everything wrong with the YAML part.
func (c Config) Validate() error {
	var errs []error
	between := func(path string, v, low, high int) {
		if v < low || v > high {
			errs = append(errs, fault.At(path, "%d is not between %d and %d", v, low, high))
		}
	}
	between("maxAudible", c.MaxAudible, 1, 32)
	between("audioTracks", c.AudioTracks, 1, 64)
	between("opusBitrate", c.OpusBitrate, 6000, 510000)
	between("opusComplexity", c.OpusComplexity, 0, 10)
	if h := c.PictureHeight; h != 360 && h != 720 && h != 1080 {
		errs = append(errs, fault.At("pictureHeight", "%d is not 360, 720 or 1080", h))
	}
	return errors.Join(errs...)
}
