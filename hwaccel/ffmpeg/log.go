package ffmpeg

// #include "log.h"
// #include <libavutil/log.h>
import "C"

import (
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"legroom/internal/logkey"
	"legroom/internal/ratelog"
)

// logs is where FFmpeg's log goes. FFmpeg has one log for the whole process, hence one variable for it here.
var logs atomic.Pointer[target]

type target struct {
	log  *slog.Logger
	rate *ratelog.Log
}

// LogTo sends FFmpeg's log, which is one for the whole process, to log; the last call counts.
// What FFmpeg calls an error is a warning here, as it mostly is of what somebody sent, and is told once a second;
// its warnings are for Debug. Nothing reaches standard error.
func LogTo(log *slog.Logger) {
	logs.Store(&target{log: log, rate: ratelog.New(log, time.Second)})
	C.legroom_log_install(C.AV_LOG_WARNING)
}

//export legroomLog
func legroomLog(level C.int, object, format, text *C.char) {
	t := logs.Load()
	if t == nil {
		return
	}
	name, message := C.GoString(object), strings.TrimSpace(C.GoString(text))
	if level > C.AV_LOG_ERROR {
		t.log.Debug("ffmpeg: "+message, logkey.Codec, name)
		return
	}
	// Lines of one format are one kind of trouble, whatever numbers stand in them.
	t.rate.Count(name+C.GoString(format), "ffmpeg: "+message, logkey.Codec, name)
}
