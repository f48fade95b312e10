// Scales planes that lie in memory of either side; each pointer is an argument of its own, as cgo asks.
#ifndef LEGROOM_FFMPEG_SCALE_H
#define LEGROOM_FFMPEG_SCALE_H

#include <libswscale/swscale.h>

typedef struct {
	int y, u, v;
} legroom_strides;

int legroom_scale(struct SwsContext *sws, int rows, void *from_y, void *from_u, void *from_v, legroom_strides from,
	void *to_y, void *to_u, void *to_v, legroom_strides to);

#endif
