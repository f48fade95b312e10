// Contexts and buffers: a picture is collected between vaBeginPicture and vaEndPicture, and worked on in the latter.
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <va/va_enc_h264.h>
#include <va/va_enc_vp8.h>

static VAStatus create_context(VADriverContextP ctx, VAConfigID config, int width, int height, int flag, VASurfaceID *targets,
	int count, VAContextID *id) {
	(void)width;
	(void)height;
	(void)flag;
	(void)targets;
	(void)count;
	const struct config *of = object_find(driver_of(ctx), config, CONFIG);
	if (!of) return VA_STATUS_ERROR_INVALID_CONFIG;
	struct context *c = calloc(1, sizeof *c);
	if (!c) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	c->profile = of->profile;
	c->entrypoint = of->entrypoint;
	c->bitrate = 1000000;
	c->rate = 30;
	c->scale = 1;
	*id = object_add(driver_of(ctx), c, CONTEXT);
	if (*id != VA_INVALID_ID) return VA_STATUS_SUCCESS;
	free(c);
	return VA_STATUS_ERROR_ALLOCATION_FAILED;
}

static VAStatus destroy_context(VADriverContextP ctx, VAContextID id) {
	struct context *c = object_take(driver_of(ctx), id, CONTEXT);
	if (!c) return VA_STATUS_ERROR_INVALID_CONTEXT;
	if (c->h264_encoder) {
		(*c->h264_encoder)->Uninitialize(c->h264_encoder);
		WelsDestroySVCEncoder(c->h264_encoder);
	}
	if (c->h264_decoder) {
		(*c->h264_decoder)->Uninitialize(c->h264_decoder);
		WelsDestroyDecoder(c->h264_decoder);
	}
	if (c->vpx_open) vpx_codec_destroy(&c->vpx);
	free(c->planar);
	free(c);
	return VA_STATUS_SUCCESS;
}

static VAStatus create_buffer(VADriverContextP ctx, VAContextID context, VABufferType type, unsigned size, unsigned count, void *data,
	VABufferID *id) {
	(void)context;
	// Decoders read past the end of what they are given.
	const size_t padding = 64;
	struct buffer *b = calloc(1, sizeof *b);
	if (!b) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	b->type = type;
	b->size = (size_t)size * count;
	b->owned = true;
	b->data = calloc(1, b->size + padding);
	*id = b->data ? object_add(driver_of(ctx), b, BUFFER) : VA_INVALID_ID;
	if (*id == VA_INVALID_ID) {
		free(b->data);
		free(b);
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	}
	if (data) memcpy(b->data, data, b->size);
	return VA_STATUS_SUCCESS;
}

VAStatus buffer_destroy(VADriverContextP ctx, VABufferID id) {
	struct buffer *b = object_take(driver_of(ctx), id, BUFFER);
	if (!b) return VA_STATUS_ERROR_INVALID_BUFFER;
	if (b->owned) free(b->data);
	free(b);
	return VA_STATUS_SUCCESS;
}

static VAStatus set_elements(VADriverContextP ctx, VABufferID id, unsigned count) {
	(void)count;
	return object_find(driver_of(ctx), id, BUFFER) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_BUFFER;
}

static VAStatus map_buffer(VADriverContextP ctx, VABufferID id, void **data) {
	struct buffer *b = object_find(driver_of(ctx), id, BUFFER);
	if (!b) return VA_STATUS_ERROR_INVALID_BUFFER;
	*data = b->type == VAEncCodedBufferType ? (void *)&b->coded : b->data;
	return VA_STATUS_SUCCESS;
}

static VAStatus unmap_buffer(VADriverContextP ctx, VABufferID id) { return set_elements(ctx, id, 1); }

static VAStatus sync_buffer(VADriverContextP ctx, VABufferID id, uint64_t timeout) {
	(void)timeout;
	return set_elements(ctx, id, 1);
}

static VAStatus begin_picture(VADriverContextP ctx, VAContextID id, VASurfaceID target) {
	struct context *c = object_find(driver_of(ctx), id, CONTEXT);
	if (!c) return VA_STATUS_ERROR_INVALID_CONTEXT;
	c->picture = NULL;
	c->slice_count = c->slice_data_count = c->layer_count = 0;
	c->target = object_find(driver_of(ctx), target, SURFACE);
	return c->target ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_SURFACE;
}

// instruct takes what an encoder is to keep to.
static void instruct(struct context *c, const struct buffer *b) {
	const VAEncMiscParameterBuffer *m = (const void *)b->data;
	if (m->type == VAEncMiscParameterTypeRateControl) {
		const VAEncMiscParameterRateControl *r = (const void *)m->data;
		unsigned share = r->target_percentage ? r->target_percentage : 100;
		unsigned bitrate = (uint64_t)r->bits_per_second * share / 100;
		if (bitrate && bitrate != c->bitrate) {
			c->bitrate = bitrate;
			c->rate_changed = true;
		}
	} else if (m->type == VAEncMiscParameterTypeFrameRate) {
		const VAEncMiscParameterFrameRate *f = (const void *)m->data;
		c->rate = f->framerate & 0xffff;
		c->scale = f->framerate >> 16 ? f->framerate >> 16 : 1;
	}
}

// measure takes the size of an encoder's pictures.
static void measure(struct context *c, const struct buffer *b) {
	if (c->profile == VAProfileVP8Version0_3) {
		const VAEncSequenceParameterBufferVP8 *s = (const void *)b->data;
		c->width = s->frame_width;
		c->height = s->frame_height;
		return;
	}
	const VAEncSequenceParameterBufferH264 *s = (const void *)b->data;
	c->width = s->picture_width_in_mbs * 16;
	c->height = s->picture_height_in_mbs * 16;
	if (s->frame_cropping_flag) {
		c->width -= 2 * (s->frame_crop_left_offset + s->frame_crop_right_offset);
		c->height -= 2 * (s->frame_crop_top_offset + s->frame_crop_bottom_offset);
	}
}

static VAStatus collect(struct context *c, struct buffer *b) {
	switch (b->type) {
	case VAPictureParameterBufferType:
	case VAEncPictureParameterBufferType:
		c->picture = b;
		break;
	case VASliceParameterBufferType:
		if (c->slice_count == MAX_SLICES) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
		c->slices[c->slice_count++] = b;
		break;
	case VASliceDataBufferType:
		if (c->slice_data_count == MAX_SLICES) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
		c->slice_data[c->slice_data_count++] = b;
		break;
	case VAEncSequenceParameterBufferType:
		measure(c, b);
		break;
	case VAEncMiscParameterBufferType:
		instruct(c, b);
		break;
	case VAProcPipelineParameterBufferType:
		if (c->layer_count == MAX_LAYERS) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
		c->layers[c->layer_count++] = b;
		break;
	default:
		break;
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus render_picture(VADriverContextP ctx, VAContextID id, VABufferID *ids, int count) {
	struct context *c = object_find(driver_of(ctx), id, CONTEXT);
	if (!c) return VA_STATUS_ERROR_INVALID_CONTEXT;
	VAStatus status = VA_STATUS_SUCCESS;
	for (int i = 0; i < count && status == VA_STATUS_SUCCESS; i++) {
		struct buffer *b = object_find(driver_of(ctx), ids[i], BUFFER);
		status = b ? collect(c, b) : VA_STATUS_ERROR_INVALID_BUFFER;
	}
	return status;
}

// slices_fit tells whether every slice lies in its data.
static bool slices_fit(const struct context *c) {
	if (!c->picture || !c->slice_count || c->slice_count != c->slice_data_count) return false;
	for (int i = 0; i < c->slice_count; i++) {
		const VASliceParameterBufferBase *s = (const void *)c->slices[i]->data;
		if ((uint64_t)s->slice_data_offset + s->slice_data_size > c->slice_data[i]->size || !s->slice_data_size) return false;
	}
	return true;
}

static VAStatus decode(struct context *c) {
	if (!slices_fit(c)) return VA_STATUS_ERROR_INVALID_PARAMETER;
	bool vpx = c->profile == VAProfileVP8Version0_3 || c->profile == VAProfileVP9Profile0;
	return vpx ? decode_vpx(c) : decode_h264(c);
}

static VAStatus encode(struct driver *d, struct context *c) {
	if (!c->picture) return VA_STATUS_ERROR_INVALID_PARAMETER;
	if (c->width <= 0 || c->height <= 0 || c->width > c->target->width || c->height > c->target->height) {
		return VA_STATUS_ERROR_INVALID_PARAMETER;
	}
	return c->profile == VAProfileVP8Version0_3 ? encode_vp8(d, c) : encode_h264(d, c);
}

static VAStatus end_picture(VADriverContextP ctx, VAContextID id) {
	struct driver *d = driver_of(ctx);
	struct context *c = object_find(d, id, CONTEXT);
	if (!c || !c->target) return VA_STATUS_ERROR_INVALID_CONTEXT;
	const struct timespec moment = {.tv_nsec = 1000000};
	while (fault(d) == FAULT_HANG) nanosleep(&moment, NULL);
	if (fault(d) == FAULT_FAIL) return VA_STATUS_ERROR_OPERATION_FAILED;
	switch (c->entrypoint) {
	case VAEntrypointVideoProc:
		return process(d, c);
	case VAEntrypointEncSlice:
		return encode(d, c);
	default:
		return decode(c);
	}
}

void contexts_install(struct VADriverVTable *table) {
	table->vaCreateContext = create_context;
	table->vaDestroyContext = destroy_context;
	table->vaCreateBuffer = create_buffer;
	table->vaDestroyBuffer = buffer_destroy;
	table->vaBufferSetNumElements = set_elements;
	table->vaMapBuffer = map_buffer;
	table->vaUnmapBuffer = unmap_buffer;
	table->vaSyncBuffer = sync_buffer;
	table->vaBeginPicture = begin_picture;
	table->vaRenderPicture = render_picture;
	table->vaEndPicture = end_picture;
}
