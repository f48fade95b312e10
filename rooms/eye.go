package rooms

import (
	"sync"

	"legroom/transcode"
)

// want is what a leg should see: a track as it is, or a montage in some form.
type want struct {
	forward *ClearTrack
	montage montageKey
	form    pictureForm
}

// eye is what one leg sees, as the ear is what it hears.
type eye struct {
	want want
	plan transcode.Plan
	sink *fromKeyframe
	stop func()
	once sync.Once
}

// lookThrough leads a track to a leg as it is.
func lookThrough(v viewer, w want) (*eye, error) {
	return newEye(v, w, w.forward.Track, transcode.Plan{}, func() {})
}

// newEye leads a track to a leg; release is called at its end. Errors: those of Leg.Send.
func newEye(v viewer, w want, track *Track, plan transcode.Plan, release func()) (*eye, error) {
	info := track.Info()
	sink, err := v.leg.Send(info)
	if err != nil {
		release()
		return nil, err
	}
	e := &eye{want: w, plan: plan, sink: &fromKeyframe{sink: sink, layers: newSimulcast(info)}}
	remove := track.Subscribe(e.sink)
	info.RequestKeyframe(uint8(info.Layers - 1))
	e.stop = func() {
		remove()
		release()
		_ = sink.Close()
	}
	return e, nil
}

// ended tells whether the leg takes nothing any more of what it is sent: it changed its codec, or sees something else.
func (e *eye) ended() bool { return e.sink.ended.Load() }

func (e *eye) close() { e.once.Do(e.stop) }
