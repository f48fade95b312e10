#include "log.h"

#include <libavutil/log.h>
#include <stdarg.h>
#include <stdio.h>

#include "_cgo_export.h"

static void take(void *object, int level, const char *format, va_list args) {
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
