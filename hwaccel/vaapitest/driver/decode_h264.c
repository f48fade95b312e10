// Decoding of H.264 by OpenH264. It wants a stream, and VA-API hands over slices and what was read from the parameter sets,
// so those are written again (ITU-T H.264 section 7.3.2).
#include "driver.h"

#include <stdlib.h>
#include <string.h>

struct bits {
	uint8_t *data;
	size_t size;
	int left; // bits free in the last byte
};

static void put(struct bits *b, unsigned value, int count) {
	while (count--) {
		if (!b->left) {
			b->data[b->size++] = 0;
			b->left = 8;
		}
		b->left--;
		b->data[b->size - 1] |= (value >> count & 1) << b->left;
	}
}

// Exp-Golomb codes (section 9.1).
static void put_ue(struct bits *b, unsigned value) {
	int length = 0;
	value++;
	while (value >> (length + 1)) length++;
	put(b, 0, length);
	put(b, value, length + 1);
}

static void put_se(struct bits *b, int value) { put_ue(b, value > 0 ? 2 * value - 1 : -2 * value); }

static unsigned get_ue(const uint8_t *data, int *at) {
	int length = 0;
	while (length < 31 && !(data[*at >> 3] >> (7 - (*at & 7)) & 1)) {
		length++;
		(*at)++;
	}
	unsigned value = 0;
	for (int i = 0; i <= length; i++, (*at)++) value = value << 1 | (data[*at >> 3] >> (7 - (*at & 7)) & 1);
	return value - 1;
}

// put_unit writes a start code and a unit with its emulation prevention (section 7.4.1).
static void put_unit(struct bits *out, uint8_t header, const struct bits *in) {
	const uint8_t start[5] = {0, 0, 0, 1, header};
	memcpy(out->data + out->size, start, sizeof start);
	out->size += sizeof start;
	int zeros = 0;
	for (size_t i = 0; i < in->size; i++) {
		if (zeros >= 2 && in->data[i] <= 3) {
			out->data[out->size++] = 3;
			zeros = 0;
		}
		out->data[out->size++] = in->data[i];
		zeros = in->data[i] ? 0 : zeros + 1;
	}
}

static bool is_high(const VAPictureParameterBufferH264 *p) { return p->pic_fields.bits.transform_8x8_mode_flag; }

static void put_sequence(struct bits *out, const VAPictureParameterBufferH264 *p) {
	uint8_t data[128];
	struct bits b = {.data = data};
	put(&b, is_high(p) ? 100 : p->pic_fields.bits.entropy_coding_mode_flag ? 77 : 66, 8); // profile_idc
	put(&b, 0, 8);
	put(&b, 51, 8); // level_idc: none of the real one is known here
	put_ue(&b, 0);
	if (is_high(p)) {
		put_ue(&b, p->seq_fields.bits.chroma_format_idc);
		put_ue(&b, 0);
		put_ue(&b, 0);
		put(&b, 0, 2);
	}
	put_ue(&b, p->seq_fields.bits.log2_max_frame_num_minus4);
	put_ue(&b, p->seq_fields.bits.pic_order_cnt_type);
	if (p->seq_fields.bits.pic_order_cnt_type == 0) put_ue(&b, p->seq_fields.bits.log2_max_pic_order_cnt_lsb_minus4);
	put_ue(&b, p->num_ref_frames);
	put(&b, p->seq_fields.bits.gaps_in_frame_num_value_allowed_flag, 1);
	put_ue(&b, p->picture_width_in_mbs_minus1);
	put_ue(&b, p->picture_height_in_mbs_minus1);
	put(&b, 1, 1); // frame_mbs_only_flag
	put(&b, p->seq_fields.bits.direct_8x8_inference_flag, 1);
	put(&b, 0, 1); // no cropping: the application does that
	// The VUI says one thing only: nothing is reordered, so that every picture comes at once (section E.1.1).
	put(&b, 1, 1);
	put(&b, 0, 8);
	put(&b, 3, 2); // bitstream_restriction_flag, motion_vectors_over_pic_boundaries_flag
	put_ue(&b, 0);
	put_ue(&b, 0);
	put_ue(&b, 16);
	put_ue(&b, 16);
	put_ue(&b, 0); // max_num_reorder_frames
	put_ue(&b, p->num_ref_frames);
	put(&b, 1, 1); // rbsp_stop_one_bit
	put_unit(out, 0x67, &b);
}

static void put_picture(struct bits *out, const VAPictureParameterBufferH264 *p, unsigned id, unsigned references) {
	uint8_t data[128];
	struct bits b = {.data = data};
	put_ue(&b, id);
	put_ue(&b, 0);
	put(&b, p->pic_fields.bits.entropy_coding_mode_flag, 1);
	put(&b, p->pic_fields.bits.pic_order_present_flag, 1);
	put_ue(&b, 0);
	put_ue(&b, references);
	put_ue(&b, 0);
	put(&b, p->pic_fields.bits.weighted_pred_flag, 1);
	put(&b, p->pic_fields.bits.weighted_bipred_idc, 2);
	put_se(&b, p->pic_init_qp_minus26);
	put_se(&b, 0);
	put_se(&b, p->chroma_qp_index_offset);
	put(&b, p->pic_fields.bits.deblocking_filter_control_present_flag, 1);
	put(&b, p->pic_fields.bits.constrained_intra_pred_flag, 1);
	put(&b, p->pic_fields.bits.redundant_pic_cnt_present_flag, 1);
	if (is_high(p)) {
		put(&b, 1, 1);
		put(&b, 0, 1);
		put_se(&b, p->second_chroma_qp_index_offset);
	}
	put(&b, 1, 1);
	put_unit(out, 0x68, &b);
}

static VAStatus open_decoder(struct context *c) {
	SDecodingParam p;
	memset(&p, 0, sizeof p);
	p.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
	p.eEcActiveIdc = ERROR_CON_SLICE_COPY;
	if (WelsCreateDecoder(&c->h264_decoder)) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	int quiet = WELS_LOG_QUIET;
	(*c->h264_decoder)->SetOption(c->h264_decoder, DECODER_OPTION_TRACE_LEVEL, &quiet);
	return (*c->h264_decoder)->Initialize(c->h264_decoder, &p) ? VA_STATUS_ERROR_OPERATION_FAILED : VA_STATUS_SUCCESS;
}

// put_sets writes both sets in front of a key frame, and wherever they are not those of the picture before.
static void put_sets(struct bits *unit, struct context *c, const uint8_t *slice) {
	const VAPictureParameterBufferH264 *p = (const void *)c->picture->data;
	const VASliceParameterBufferH264 *first = (const void *)c->slices[0]->data;
	int at = 8; // behind the unit's header: first_mb_in_slice, slice_type, pic_parameter_set_id (section 7.3.3)
	get_ue(slice, &at);
	get_ue(slice, &at);
	unsigned id = get_ue(slice, &at);
	uint8_t sets[sizeof c->sets];
	struct bits b = {.data = sets};
	put_sequence(&b, p);
	bool intra = first->slice_type % 5 == 2;
	put_picture(&b, p, id, intra && c->sets_size ? 0 : first->num_ref_idx_l0_active_minus1);
	bool same = b.size == c->sets_size && !memcmp(sets, c->sets, b.size);
	if (same && (slice[0] & 31) != 5) return;
	memcpy(c->sets, sets, b.size);
	c->sets_size = b.size;
	memcpy(unit->data, sets, b.size);
	unit->size = b.size;
}

VAStatus decode_h264(struct context *c) {
	const VAPictureParameterBufferH264 *p = (const void *)c->picture->data;
	if (p->seq_fields.bits.pic_order_cnt_type == 1) return VA_STATUS_ERROR_UNIMPLEMENTED;
	VAStatus status = c->h264_decoder ? VA_STATUS_SUCCESS : open_decoder(c);
	if (status != VA_STATUS_SUCCESS) return status;
	size_t room = sizeof c->sets;
	for (int i = 0; i < c->slice_count; i++) room += c->slice_data[i]->size + 4;
	struct bits unit = {.data = malloc(room)};
	if (!unit.data) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	for (int i = 0; i < c->slice_count; i++) {
		const VASliceParameterBufferBase *s = (const void *)c->slices[i]->data;
		const uint8_t *data = c->slice_data[i]->data + s->slice_data_offset;
		if (i == 0) put_sets(&unit, c, data);
		memcpy(unit.data + unit.size, "\0\0\0\1", 4);
		memcpy(unit.data + unit.size + 4, data, s->slice_data_size);
		unit.size += 4 + s->slice_data_size;
	}
	uint8_t *planes[3] = {0};
	SBufferInfo info;
	memset(&info, 0, sizeof info);
	DECODING_STATE state = (*c->h264_decoder)->DecodeFrameNoDelay(c->h264_decoder, unit.data, unit.size, planes, &info);
	if (info.iBufferStatus != 1) (*c->h264_decoder)->FlushFrame(c->h264_decoder, planes, &info);
	free(unit.data);
	if (info.iBufferStatus == 1) {
		const SSysMEMBuffer *m = &info.UsrData.sSystemBuffer;
		surface_from_planes(c->target, planes, m->iStride, m->iWidth, m->iHeight);
		return VA_STATUS_SUCCESS;
	}
	return state == dsErrorFree ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_DECODING_ERROR;
}
