#include "log.h"

#include <libavutil/log.h>
#include <stdarg.h>
#include <stdio.h>

#include "_cgo_export.h"

// What the present thread writes down, NULL for nothing.
static _Thread_local struct legroom_trace *trace;

static void note(int level, const char *format, va_list args) {
	if (!trace || level > AV_LOG_VERBOSE) return;
	int slot = trace->count++ % LEGROOM_TRACE_LINES;
	trace->levels[slot] = level;
	va_list copy;
	va_copy(copy, args);
	vsnprintf(trace->lines[slot], sizeof trace->lines[slot], format, copy);
	va_end(copy);
}

static void take(void *object, int level, const char *format, va_list args) {
	note(level, format, args);
	if (level > av_log_get_level()) return;
	char text[512];
	vsnprintf(text, sizeof text, format, args);
	const AVClass *class = object ? *(const AVClass **)object : NULL;
	legroomLog(level, (char *)(class && class->item_name ? class->item_name(object) : ""), (char *)format, text);
}

void legroom_log_install(int level) {
	av_log_set_level(level);
	av_log_set_callback(take);
}

void legroom_trace_begin(struct legroom_trace *t) {
	if (t) t->count = 0;
	trace = t;
}
