package ffmpeg

// #include "log.h"
// #include <libavutil/log.h>
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"strings"
	"unsafe"
)

// CallError is a call into FFmpeg that failed, with what FFmpeg logged of it. The number alone seldom tells: where no
// NVIDIA driver is installed it says that the operation is not permitted.
type CallError struct {
	// Err that FFmpeg returned.
	Err error
	// Log are FFmpeg's own lines, oldest first; none where it said nothing.
	Log []string
}

// Error gives both.
func (e *CallError) Error() string {
	if len(e.Log) == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v (FFmpeg: %s)", e.Err, strings.Join(e.Log, "; "))
}

// Unwrap gives the error of FFmpeg.
func (e *CallError) Unwrap() error { return e.Err }

// trace is what one thread of the operating system logs.
type trace struct{ c *C.struct_legroom_trace }

func newTrace() trace {
	// Without it FFmpeg would write to standard error, and nothing here. A log that LogTo set stays.
	C.legroom_log_install(C.AV_LOG_WARNING)
	return trace{(*C.struct_legroom_trace)(C.calloc(1, C.sizeof_struct_legroom_trace))}
}

// begin empties it and has the calling thread write to it. The goroutine is locked to its thread.
func (t trace) begin() { C.legroom_trace_begin(t.c) }

func (t trace) free() {
	C.legroom_trace_begin(nil)
	C.free(unsafe.Pointer(t.c))
}

// lines are the errors that were logged, or where there are none all the rest: some reasons FFmpeg tells only to those who
// ask for much.
func (t trace) lines() []string {
	var errors, rest []string
	count := int(t.c.count)
	for n := max(0, count-C.LEGROOM_TRACE_LINES); n < count; n++ {
		slot := n % C.LEGROOM_TRACE_LINES
		line := strings.Join(strings.Fields(C.GoString(&t.c.lines[slot][0])), " ")
		switch {
		case line == "":
		case t.c.levels[slot] <= C.AV_LOG_ERROR:
			errors = append(errors, line)
		default:
			rest = append(rest, line)
		}
	}
	if errors != nil {
		return errors
	}
	return rest
}
