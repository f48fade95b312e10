// Surfaces and images: NV12 in plain memory.
#include "driver.h"

#include <stdlib.h>
#include <string.h>

static int aligned(int n, int to) { return (n + to - 1) / to * to; }

void surface_clear(struct surface *s) {
	size_t luma = (size_t)s->pitch * s->rows;
	memset(s->luma, 16, luma);
	memset(s->chroma, 128, luma / 2);
}

static struct surface *surface_new(int width, int height) {
	struct surface *s = calloc(1, sizeof *s);
	if (!s) return NULL;
	s->width = width;
	s->height = height;
	s->pitch = aligned(width, 64);
	s->rows = aligned(height, 16);
	s->luma = aligned_alloc(64, aligned(s->pitch * s->rows * 3 / 2, 64));
	if (!s->luma) {
		free(s);
		return NULL;
	}
	s->chroma = s->luma + (size_t)s->pitch * s->rows;
	surface_clear(s);
	return s;
}

static VAStatus destroy_surfaces(VADriverContextP ctx, VASurfaceID *ids, int count) {
	for (int i = 0; i < count; i++) {
		struct surface *s = object_take(driver_of(ctx), ids[i], SURFACE);
		if (!s) continue;
		free(s->luma);
		free(s);
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus create_surfaces_with(VADriverContextP ctx, unsigned format, unsigned width, unsigned height, VASurfaceID *ids,
	unsigned count, VASurfaceAttrib *list, unsigned attributes) {
	if (format != VA_RT_FORMAT_YUV420) return VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
	if (width < 1 || height < 1 || width > MAX_SIZE || height > MAX_SIZE) return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
	for (unsigned i = 0; i < attributes; i++) {
		if (list[i].type == VASurfaceAttribPixelFormat && list[i].value.value.i != VA_FOURCC_NV12) {
			return VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
		}
	}
	for (unsigned i = 0; i < count; i++) {
		ids[i] = object_add(driver_of(ctx), surface_new(width, height), SURFACE);
		if (ids[i] == VA_INVALID_ID) {
			destroy_surfaces(ctx, ids, i);
			return VA_STATUS_ERROR_ALLOCATION_FAILED;
		}
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus create_surfaces(VADriverContextP ctx, int width, int height, int format, int count, VASurfaceID *ids) {
	return create_surfaces_with(ctx, format, width, height, ids, count, NULL, 0);
}

static void nv12(VAImageFormat *f) {
	memset(f, 0, sizeof *f);
	f->fourcc = VA_FOURCC_NV12;
	f->byte_order = VA_LSB_FIRST;
	f->bits_per_pixel = 12;
}

static VAStatus query_image_formats(VADriverContextP ctx, VAImageFormat *list, int *count) {
	(void)ctx;
	nv12(list);
	*count = 1;
	return VA_STATUS_SUCCESS;
}

// image_new makes an image of memory, or of memory of its own where that is NULL.
static VAStatus image_new(struct driver *d, int width, int height, int pitch, int rows, uint8_t *memory, VAImage *out) {
	struct image *i = calloc(1, sizeof *i);
	struct buffer *b = calloc(1, sizeof *b);
	uint8_t *data = memory ? memory : calloc(1, (size_t)pitch * rows * 3 / 2);
	if (!i || !b || !data) {
		free(i);
		free(b);
		if (!memory) free(data);
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	}
	nv12(&i->image.format);
	i->image.width = width;
	i->image.height = height;
	i->image.num_planes = 2;
	i->image.pitches[0] = i->image.pitches[1] = pitch;
	i->image.offsets[1] = pitch * rows;
	i->image.data_size = pitch * rows * 3 / 2;
	b->type = VAImageBufferType;
	b->size = i->image.data_size;
	b->owned = !memory;
	b->data = data;
	i->image.buf = object_add(d, b, BUFFER);
	i->image.image_id = object_add(d, i, IMAGE);
	*out = i->image;
	return VA_STATUS_SUCCESS;
}

static VAStatus create_image(VADriverContextP ctx, VAImageFormat *format, int width, int height, VAImage *out) {
	if (format->fourcc != VA_FOURCC_NV12) return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
	if (width < 1 || height < 1 || width > MAX_SIZE || height > MAX_SIZE) return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
	return image_new(driver_of(ctx), width, height, aligned(width, 64), aligned(height, 16), NULL, out);
}

static VAStatus derive_image(VADriverContextP ctx, VASurfaceID id, VAImage *out) {
	struct surface *s = object_find(driver_of(ctx), id, SURFACE);
	if (!s) return VA_STATUS_ERROR_INVALID_SURFACE;
	return image_new(driver_of(ctx), s->width, s->height, s->pitch, s->rows, s->luma, out);
}

static VAStatus destroy_image(VADriverContextP ctx, VAImageID id) {
	struct image *i = object_take(driver_of(ctx), id, IMAGE);
	if (!i) return VA_STATUS_ERROR_INVALID_IMAGE;
	buffer_destroy(ctx, i->image.buf);
	free(i);
	return VA_STATUS_SUCCESS;
}

static int least(int a, int b) { return a < b ? a : b; }

// transfer copies whole pictures; parts of them nobody here asks for.
static VAStatus transfer(struct driver *d, VASurfaceID surface, VAImageID image, bool up) {
	struct surface *s = object_find(d, surface, SURFACE);
	struct image *i = object_find(d, image, IMAGE);
	struct buffer *b = i ? object_find(d, i->image.buf, BUFFER) : NULL;
	if (!s || !b) return VA_STATUS_ERROR_INVALID_PARAMETER;
	int width = aligned(least(s->width, i->image.width), 2), height = least(s->height, i->image.height);
	for (int plane = 0; plane < 2; plane++) {
		int rows = plane ? (height + 1) / 2 : height;
		for (int y = 0; y < rows; y++) {
			uint8_t *here = (plane ? s->chroma : s->luma) + (size_t)y * s->pitch;
			uint8_t *there = b->data + i->image.offsets[plane] + (size_t)y * i->image.pitches[plane];
			if (up) memcpy(here, there, width);
			else memcpy(there, here, width);
		}
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus get_image(VADriverContextP ctx, VASurfaceID surface, int x, int y, unsigned width, unsigned height, VAImageID image) {
	(void)width;
	(void)height;
	return x || y ? VA_STATUS_ERROR_UNIMPLEMENTED : transfer(driver_of(ctx), surface, image, false);
}

static VAStatus put_image(VADriverContextP ctx, VASurfaceID surface, VAImageID image, int sx, int sy, unsigned sw, unsigned sh, int dx,
	int dy, unsigned dw, unsigned dh) {
	(void)sw;
	(void)sh;
	(void)dw;
	(void)dh;
	return sx || sy || dx || dy ? VA_STATUS_ERROR_UNIMPLEMENTED : transfer(driver_of(ctx), surface, image, true);
}

static VAStatus sync_surface(VADriverContextP ctx, VASurfaceID id) {
	return object_find(driver_of(ctx), id, SURFACE) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_SURFACE;
}

static VAStatus query_surface_status(VADriverContextP ctx, VASurfaceID id, VASurfaceStatus *status) {
	*status = VASurfaceReady;
	return sync_surface(ctx, id);
}

void surface_to_planar(const struct surface *s, uint8_t *planar, int width, int height) {
	for (int y = 0; y < height; y++) memcpy(planar + (size_t)y * width, s->luma + (size_t)y * s->pitch, width);
	uint8_t *u = planar + (size_t)width * height, *v = u + (size_t)(width / 2) * (height / 2);
	for (int y = 0; y < height / 2; y++) {
		const uint8_t *row = s->chroma + (size_t)y * s->pitch;
		for (int x = 0; x < width / 2; x++) {
			*u++ = row[2 * x];
			*v++ = row[2 * x + 1];
		}
	}
}

void surface_from_planes(struct surface *s, uint8_t *const planes[3], const int strides[2], int width, int height) {
	width = least(width, s->width);
	height = least(height, s->rows);
	for (int y = 0; y < height; y++) memcpy(s->luma + (size_t)y * s->pitch, planes[0] + (size_t)y * strides[0], width);
	for (int y = 0; y < (height + 1) / 2; y++) {
		uint8_t *row = s->chroma + (size_t)y * s->pitch;
		const uint8_t *u = planes[1] + (size_t)y * strides[1], *v = planes[2] + (size_t)y * strides[1];
		for (int x = 0; x < (width + 1) / 2; x++) {
			row[2 * x] = u[x];
			row[2 * x + 1] = v[x];
		}
	}
}

void surfaces_install(struct VADriverVTable *table) {
	table->vaCreateSurfaces = create_surfaces;
	table->vaCreateSurfaces2 = create_surfaces_with;
	table->vaDestroySurfaces = destroy_surfaces;
	table->vaQueryImageFormats = query_image_formats;
	table->vaCreateImage = create_image;
	table->vaDeriveImage = derive_image;
	table->vaDestroyImage = destroy_image;
	table->vaGetImage = get_image;
	table->vaPutImage = put_image;
	table->vaSyncSurface = sync_surface;
	table->vaQuerySurfaceStatus = query_surface_status;
}
