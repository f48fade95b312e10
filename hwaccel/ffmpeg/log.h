// Brings FFmpeg's log to Go. go-astiav has a way of its own, but it formats into 1,024 bytes without a bound, and what
// FFmpeg writes depends on what came from the network.
#ifndef LEGROOM_FFMPEG_LOG_H
#define LEGROOM_FFMPEG_LOG_H

void legroom_log_install(int level);

#endif
