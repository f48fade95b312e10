// Decoding of VP8 and VP9 by libvpx.
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <va/va_dec_vp8.h>
#include <va/va_dec_vp9.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

// vp8_header writes the frame tag and the start of a key frame, which are not part of what VA-API hands over (RFC 6386
// section 9.1), and gives its size.
static size_t vp8_header(const VAPictureParameterBufferVP8 *p, const VASliceParameterBufferVP8 *s, uint8_t header[10]) {
	// In VA-API as in the stream 0 means a key frame.
	bool key = !p->pic_fields.bits.key_frame;
	unsigned first = s->partition_size[0] + (s->macroblock_offset + 7) / 8;
	unsigned tag = (key ? 0u : 1u) | p->pic_fields.bits.version << 1 | 1u << 4 | first << 5;
	const uint8_t all[10] = {
		tag, tag >> 8, tag >> 16, 0x9d, 0x01, 0x2a,
		p->frame_width, p->frame_width >> 8, p->frame_height, p->frame_height >> 8,
	};
	memcpy(header, all, sizeof all);
	return key ? 10 : 3;
}

VAStatus decode_vpx(struct context *c) {
	bool vp8 = c->profile == VAProfileVP8Version0_3;
	if (!c->vpx_open) {
		if (vpx_codec_dec_init(&c->vpx, vp8 ? vpx_codec_vp8_dx() : vpx_codec_vp9_dx(), NULL, 0)) {
			return VA_STATUS_ERROR_OPERATION_FAILED;
		}
		c->vpx_open = true;
	}
	const VASliceParameterBufferBase *s = (const void *)c->slices[0]->data;
	uint8_t header[10];
	size_t before = vp8 ? vp8_header((const void *)c->picture->data, (const void *)s, header) : 0;
	uint8_t *frame = malloc(before + s->slice_data_size);
	if (!frame) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	memcpy(frame, header, before);
	memcpy(frame + before, c->slice_data[0]->data + s->slice_data_offset, s->slice_data_size);
	vpx_codec_err_t failed = vpx_codec_decode(&c->vpx, frame, before + s->slice_data_size, NULL, 0);
	free(frame);
	if (failed) return VA_STATUS_ERROR_DECODING_ERROR;
	vpx_codec_iter_t next = NULL;
	vpx_image_t *image;
	while ((image = vpx_codec_get_frame(&c->vpx, &next))) {
		const int strides[2] = {image->stride[0], image->stride[1]};
		surface_from_planes(c->target, image->planes, strides, image->d_w, image->d_h);
	}
	return VA_STATUS_SUCCESS;
}
