// Brings FFmpeg's log to Go. go-astiav has a way of its own, but it formats into 1,024 bytes without a bound, and what
// FFmpeg writes depends on what came from the network.
#ifndef LEGROOM_FFMPEG_LOG_H
#define LEGROOM_FFMPEG_LOG_H

enum { LEGROOM_TRACE_LINES = 8, LEGROOM_TRACE_LINE = 240 };

// legroom_trace holds the last lines that one thread logged, also those that the log is spared: the number that FFmpeg
// returns hardly ever says why a card cannot do something, and these do.
struct legroom_trace {
	int count;
	int levels[LEGROOM_TRACE_LINES];
	char lines[LEGROOM_TRACE_LINES][LEGROOM_TRACE_LINE];
};

void legroom_log_install(int level);

// legroom_trace_begin has the calling thread write to t from now on, which is emptied; NULL ends that.
void legroom_trace_begin(struct legroom_trace *t);

#endif
