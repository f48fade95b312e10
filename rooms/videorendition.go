package rooms

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/transcode"
)

// videoRendition is pictures encoded once for all who take them in that form: a Sink of pictures and a Track, with a
// goroutine of its own between.
type videoRendition struct {
	track  *Track
	form   pictureForm
	studio *studio
	encode atomic.Pointer[transcode.EncodeVideo] // nil until it is open
	users  int                                   // guarded by whoever shares it out
	leave  func()                                // takes it off its pictures
	stop   func()                                // ends the work and the Track
}

var _ media.Sink[*media.Picture] = (*videoRendition)(nil)

// newVideoRendition begins to encode what is written to it. Errors: errNoStudio.
func newVideoRendition(s *studio, info media.TrackInfo, form pictureForm) (*videoRendition, error) {
	r := &videoRendition{form: form, studio: s}
	info.Codec, info.Layers = form.codec, 1
	info.RequestKeyframe = func(uint8) {
		if e := r.encode.Load(); e != nil {
			e.ForceKeyframe() // one that is not open yet begins with a key frame
		}
	}
	r.track = newTrack(info)
	cancel, err := s.begin("encode pictures", r.run)
	if err != nil {
		return nil, err
	}
	r.stop = sync.OnceFunc(func() {
		cancel()
		_ = r.track.Close()
	})
	return r, nil
}

// run opens the encoder, which may take longer than a tick of the room, and encodes.
func (r *videoRendition) run(ctx context.Context) error {
	var e *transcode.EncodeVideo
	err := r.studio.whenFree(ctx, "encode pictures", func() (err error) {
		e, err = r.open()
		return err
	})
	if err != nil {
		return err
	}
	r.encode.Store(e)
	return e.Run(ctx)
}

// open opens the encoder, of fewer pictures a second where no Device has room for more. Errors: hwaccel.ErrBusy, and others of
// transcode.NewEncodeVideo.
func (r *videoRendition) open() (e *transcode.EncodeVideo, err error) {
	f, devices := r.form, r.studio.engines()
	if devices == nil {
		return nil, errNoStudio
	}
	for _, rate := range []int{f.rate, f.rate / 2, f.rate / 5} {
		e, err = transcode.NewEncodeVideo(transcode.EncodeVideoConfig{
			Codec: f.codec, Devices: devices, Width: f.width, Height: f.height, FrameRate: max(rate, 1), Bitrate: f.bitrate, MaxNAL: f.nal,
		}, r.track)
		if !errors.Is(err, hwaccel.ErrBusy) {
			break
		}
	}
	return e, err
}

// Write takes the next picture.
func (r *videoRendition) Write(p *media.Picture) error {
	if e := r.encode.Load(); e != nil {
		return e.Write(p)
	}
	return nil
}

// Close ends the derived Track: what it is made of is over.
func (r *videoRendition) Close() error { return r.track.Close() }
