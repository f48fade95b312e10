package ffmpeg

// #include <libavutil/buffer.h>
// #include <libavutil/frame.h>
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
)

// graph is a chain of filters on a card with one source and one result.
type graph struct {
	c             *astiav.FilterGraph
	source        *astiav.BuffersrcFilterContext
	sink          *astiav.BuffersinkFilterContext
	width, height int
	// pool that the pictures come from; the graph holds it, so no other has its address.
	pool unsafe.Pointer
}

// newGraph makes the filters that a text in FFmpeg's own language names, for pictures like f.
func newGraph(text string, f *astiav.Frame) (g *graph, err error) {
	g = &graph{c: astiav.AllocFilterGraph(), width: f.Width(), height: f.Height(), pool: poolOf(f)}
	defer func() {
		if err != nil {
			g.free()
			g = nil
		}
	}()
	g.c.SetThreadCount(1)
	if g.source, err = g.c.NewBuffersrcFilterContext(astiav.FindFilterByName("buffer"), "in"); err != nil {
		return
	}
	if err = g.describe(f); err != nil {
		return
	}
	if g.sink, err = g.c.NewBuffersinkFilterContext(astiav.FindFilterByName("buffersink"), "out"); err != nil {
		return
	}
	outputs, inputs := astiav.AllocFilterInOut(), astiav.AllocFilterInOut()
	defer outputs.Free()
	defer inputs.Free()
	outputs.SetName("in")
	outputs.SetFilterContext(g.source.FilterContext())
	inputs.SetName("out")
	inputs.SetFilterContext(g.sink.FilterContext())
	if err = g.c.Parse("[in]"+text+"[out]", inputs, outputs); err != nil {
		return
	}
	err = g.c.Configure()
	return
}

// describe tells the source what comes.
func (g *graph) describe(f *astiav.Frame) error {
	p := astiav.AllocBuffersrcFilterContextParameters()
	defer p.Free()
	p.SetWidth(f.Width())
	p.SetHeight(f.Height())
	p.SetPixelFormat(f.PixelFormat())
	p.SetTimeBase(astiav.NewRational(1, hwaccel.Clock))
	p.SetColorSpace(f.ColorSpace())
	p.SetColorRange(f.ColorRange())
	p.SetHardwareFramesContext(f.HardwareFramesContext())
	if err := g.source.SetParameters(p); err != nil {
		return err
	}
	return g.source.Initialize(nil)
}

// takes tells whether f is like what the graph was made for.
func (g *graph) takes(f *astiav.Frame) bool {
	return f.Width() == g.width && f.Height() == g.height && poolOf(f) == g.pool
}

func poolOf(f *astiav.Frame) unsafe.Pointer { return unsafe.Pointer(frameOf(f).hw_frames_ctx.data) }

// run filters one picture. Owner: from is lent; result is the caller's to unreference.
func (g *graph) run(from, result *astiav.Frame) error {
	if err := g.source.AddFrame(from, astiav.NewBuffersrcFlags(astiav.BuffersrcFlagKeepRef)); err != nil {
		return err
	}
	if err := g.sink.GetFrame(result, astiav.NewBuffersinkFlags()); err != nil {
		if errors.Is(err, astiav.ErrEagain) {
			return fmt.Errorf("ffmpeg: a filter kept its picture: %w", hwaccel.ErrUnsupported)
		}
		return err
	}
	return nil
}

func (g *graph) free() { g.c.Free() }
