// Scaling, and pictures put onto others.
#include "driver.h"

#include <string.h>

// Where a row or column of the result comes from: two neighbours, and 256ths of the second.
struct place {
	int first, second, part;
};

static struct place place(int at, int to, int from) {
	int64_t exact = to > 1 ? (int64_t)at * (from - 1) * 256 / (to - 1) : 0;
	struct place p = {.first = exact >> 8, .part = exact & 255};
	p.second = p.first + 1 < from ? p.first + 1 : p.first;
	return p;
}

// plane is one of the two planes of a surface, and a rectangle of it. In the second each sample is a pair.
struct plane {
	uint8_t *data;
	int pitch, width, height, x, y, w, h;
};

static struct plane plane(struct surface *s, VARectangle r, int chroma) {
	return (struct plane){
		.data = chroma ? s->chroma : s->luma, .pitch = s->pitch,
		.width = s->width >> chroma, .height = s->height >> chroma,
		.x = r.x >> chroma, .y = r.y >> chroma, .w = r.width >> chroma, .h = r.height >> chroma,
	};
}

static void blit_row(struct plane to, struct plane from, int y, int bytes) {
	struct place v = place(y, to.h, from.h);
	const uint8_t *above = from.data + (size_t)(from.y + v.first) * from.pitch;
	const uint8_t *below = from.data + (size_t)(from.y + v.second) * from.pitch;
	uint8_t *row = to.data + (size_t)(to.y + y) * to.pitch;
	for (int x = 0; x < to.w; x++) {
		if (to.x + x < 0 || to.x + x >= to.width) continue;
		struct place h = place(x, to.w, from.w);
		for (int i = 0; i < bytes; i++) {
			int left = (from.x + h.first) * bytes + i, right = (from.x + h.second) * bytes + i;
			int up = above[left] * (256 - h.part) + above[right] * h.part;
			int down = below[left] * (256 - h.part) + below[right] * h.part;
			row[(to.x + x) * bytes + i] = (up * (256 - v.part) + down * v.part + 32768) >> 16;
		}
	}
}

static bool inside(VARectangle r, const struct surface *s) {
	return r.x >= 0 && r.y >= 0 && r.width > 1 && r.height > 1 && r.x + r.width <= s->width && r.y + r.height <= s->height;
}

static void blit(struct surface *to, VARectangle target, struct surface *from, VARectangle source) {
	for (int chroma = 0; chroma < 2; chroma++) {
		struct plane t = plane(to, target, chroma), f = plane(from, source, chroma);
		for (int y = 0; y < t.h; y++) {
			if (t.y + y >= 0 && t.y + y < t.height) blit_row(t, f, y, 1 + chroma);
		}
	}
}

VAStatus process(struct driver *d, struct context *c) {
	for (int i = 0; i < c->layer_count; i++) {
		const VAProcPipelineParameterBuffer *p = (const void *)c->layers[i]->data;
		struct surface *from = object_find(d, p->surface, SURFACE), *to = c->target;
		if (!from) return VA_STATUS_ERROR_INVALID_SURFACE;
		VARectangle source = {0, 0, from->width, from->height}, target = {0, 0, to->width, to->height};
		if (p->surface_region) source = *p->surface_region;
		if (p->output_region) target = *p->output_region;
		if (!inside(source, from)) return VA_STATUS_ERROR_INVALID_PARAMETER;
		if (i == 0 && (target.x || target.y || target.width < to->width || target.height < to->height)) surface_clear(to);
		blit(to, target, from, source);
	}
	return VA_STATUS_SUCCESS;
}
