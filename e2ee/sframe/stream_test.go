package sframe

import (
	"errors"
	"sync"
	"testing"

	"legroom/media"
)

func TestStreamsThatCannotBe(t *testing.T) {
	good := StreamConfig{BaseKey: run(16, 0), Kind: Audio, KeyID: browser(t, 0, 3, 257), Tag: CheckTag, TagKey: run(32, 0)}
	for _, c := range []struct {
		name   string
		change func(c *StreamConfig)
	}{
		{"no base key", func(c *StreamConfig) { c.BaseKey = nil }},
		{"base key of 32 bytes", func(c *StreamConfig) { c.BaseKey = run(32, 0) }},
		{"no kind", func(c *StreamConfig) { c.Kind = 0 }},
		{"kind 5", func(c *StreamConfig) { c.Kind = 5 }},
		{"key id of 25 bits", func(c *StreamConfig) { c.KeyID = 1 << 24 }},
		{"tag rule 3", func(c *StreamConfig) { c.Tag = 3 }},
		{"no tag key", func(c *StreamConfig) { c.TagKey = nil }},
		{"tag key of 16 bytes", func(c *StreamConfig) { c.TagKey = run(16, 0) }},
		{"tagged phone", func(c *StreamConfig) { c.KeyID = grantee(t, 1, 0, 257) }},
	} {
		bad := good
		c.change(&bad)
		if _, err := NewSealer(bad); !errors.Is(err, ErrConfig) {
			t.Errorf("sealer, %s: %v", c.name, err)
		}
		if _, err := NewOpener(bad); !errors.Is(err, ErrConfig) {
			t.Errorf("opener, %s: %v", c.name, err)
		}
	}
	skip := good
	skip.Tag = SkipTag
	if _, err := NewSealer(skip); !errors.Is(err, ErrConfig) {
		t.Errorf("sealer that skips its tags: %v", err)
	}
	if _, err := NewOpener(skip); err != nil {
		t.Errorf("opener that skips tags: %v", err)
	}
}

// All layers of a track, from whatever goroutine, take different counters: each frame opens once.
func TestOneCounterForAllLayers(t *testing.T) {
	keys := keysOf(media.VP8, Video, "check", browser(t, 0, 3, 257))
	s, o := keys.sealer(t, 0), keys.opener(t)
	const layers, frames = 3, 50
	var wg sync.WaitGroup
	sealed := make(chan []byte, layers*frames)
	for range layers {
		wg.Go(func() {
			for range frames {
				f, err := s.Seal(nil, media.VP8, vp8KeyFrame)
				if err != nil {
					t.Error(err)
				}
				sealed <- f
			}
		})
	}
	wg.Wait()
	close(sealed)
	for f := range sealed {
		wg.Go(func() {
			if _, err := o.Open(nil, media.VP8, f); err != nil {
				t.Error(err)
			}
			if _, err := o.Open(nil, media.VP8, f); !errors.Is(err, ErrReplay) {
				t.Errorf("once more: %v", err)
			}
		})
	}
	wg.Wait()
}

// An error names no key and no byte of a frame.
func TestErrorsHoldNoSecrets(t *testing.T) {
	for _, c := range readGolden(t).Refused {
		_, err := c.opener(t).Open(nil, c.Codec, c.Frame)
		if err != nil && len(err.Error()) > 100 {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}
