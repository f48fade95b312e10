#include "scale.h"

int legroom_scale(struct SwsContext *sws, int rows, void *from_y, void *from_u, void *from_v, legroom_strides from,
	void *to_y, void *to_u, void *to_v, legroom_strides to) {
	const uint8_t *const in[4] = {from_y, from_u, from_v, NULL};
	const int in_stride[4] = {from.y, from.u, from.v, 0};
	uint8_t *const out[4] = {to_y, to_u, to_v, NULL};
	const int out_stride[4] = {to.y, to.u, to.v, 0};
	return sws_scale(sws, in, in_stride, 0, rows, out, out_stride);
}
