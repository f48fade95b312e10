// Package ffmpeg is what the Devices that use FFmpeg share: its log brought to slog, options that must be understood,
// packets and pictures handed over without a copy on the Go heap, scaling, and what is linked.
// It fills the gaps of go-astiav by a little cgo of its own and holds no policy.
package ffmpeg

// #cgo pkg-config: libavcodec libavutil libswscale
// #include <libavcodec/avcodec.h>
// #include <libavutil/avutil.h>
import "C"

import (
	"fmt"

	"github.com/asticode/go-astiav"
)

// Version of the FFmpeg that is linked, such as "7.1.5".
func Version() string { return C.GoString(C.av_version_info()) }

// Licence of the FFmpeg that is linked, with all that was built into it: "LGPL version 2.1 or later", or the GPL when it
// was built with x264.
func Licence() string { return C.GoString(C.avcodec_license()) }

// HasEncoder tells whether an encoder of that name was built in, which says nothing of whether it works.
func HasEncoder(name string) bool { return astiav.FindEncoderByName(name) != nil }

// HasDecoder tells whether a decoder of that name was built in, which says nothing of whether it works.
func HasDecoder(name string) bool { return astiav.FindDecoderByName(name) != nil }

// Options are settings of a codec by FFmpeg's names.
type Options map[string]string

// Open opens the context with the options. Errors: FFmpeg's own, and one for an option that nobody consumed: FFmpeg
// leaves it in the dictionary without a word, so that a typing error would pass.
func Open(cc *astiav.CodecContext, codec *astiav.Codec, o Options) error {
	dictionary := astiav.NewDictionary()
	defer dictionary.Free()
	for key, value := range o {
		if err := dictionary.Set(key, value, astiav.NewDictionaryFlags()); err != nil {
			return fmt.Errorf("ffmpeg: option %s: %w", key, err)
		}
	}
	if err := cc.Open(codec, dictionary); err != nil {
		return fmt.Errorf("ffmpeg: open %s: %w", codec.Name(), err)
	}
	for key := range o {
		if dictionary.Get(key, nil, astiav.NewDictionaryFlags()) != nil {
			return fmt.Errorf("ffmpeg: open %s: it knows no option %s", codec.Name(), key)
		}
	}
	return nil
}
