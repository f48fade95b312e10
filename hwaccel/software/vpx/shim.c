#include "shim.h"

#include <stdlib.h>

// speed of VP8 is negative, which is a fixed one; a positive one takes as much of real time as it finds. VP9 knows only
// fixed ones.
enum { SPEED_VP8 = -6, SPEED_VP9 = 8 };

// rates spreads the target over temporal layers; each counts those below it.
static void rates(vpx_codec_enc_cfg_t *c, int layers, int bitrate) {
	static const int share[3][3] = {{100}, {60, 100}, {40, 60, 100}};
	int kilo = bitrate < 1000 ? 1 : bitrate / 1000;
	c->rc_target_bitrate = kilo;
	for (int i = 0; i < layers; i++) {
		c->ts_target_bitrate[i] = kilo * share[layers - 1][i] / 100;
		c->layer_target_bitrate[i] = c->ts_target_bitrate[i];
	}
}

// temporal sets which picture lies in which layer: 0 1 0 1 or 0 2 1 2.
static void temporal(vpx_codec_enc_cfg_t *c, int layers) {
	static const int order[4] = {0, 2, 1, 2};
	c->ts_number_layers = layers;
	c->ts_periodicity = 1 << (layers - 1);
	for (int i = 0; i < layers; i++) c->ts_rate_decimator[i] = 1 << (layers - 1 - i);
	for (unsigned i = 0; i < c->ts_periodicity; i++) c->ts_layer_id[i] = layers == 3 ? order[i] : i;
}

static void configure(const struct legroom_vpx_config *c, vpx_codec_enc_cfg_t *p) {
	p->g_w = c->width;
	p->g_h = c->height;
	p->g_threads = 1;
	p->g_timebase.num = 1;
	p->g_timebase.den = 90000;
	p->g_lag_in_frames = 0;
	// A picture that is lost does not spoil the tables by which the next are read.
	p->g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
	p->kf_mode = VPX_KF_DISABLED;
	p->rc_end_usage = VPX_CBR;
	p->rc_dropframe_thresh = 0;
	p->rc_resize_allowed = 0;
	p->rc_min_quantizer = 2;
	p->rc_max_quantizer = c->vp9 ? 60 : 63;
	p->rc_undershoot_pct = c->vp9 ? 50 : 100;
	p->rc_overshoot_pct = c->vp9 ? 50 : 15;
	p->rc_buf_sz = 1000;
	p->rc_buf_initial_sz = 500;
	p->rc_buf_optimal_sz = 600;
	temporal(p, c->layers);
	rates(p, c->layers, c->bitrate);
}

static vpx_codec_err_t control(struct legroom_vpx *e, const struct legroom_vpx_config *c) {
	// A key frame gets at most what half of the buffer holds, percent of a usual picture.
	int intra = e->config.rc_buf_optimal_sz * c->rate / 20;
	vpx_codec_err_t failed = vpx_codec_control(&e->codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, intra < 300 ? 300 : intra);
	if (!failed) failed = vpx_codec_control(&e->codec, VP8E_SET_CPUUSED, c->vp9 ? SPEED_VP9 : SPEED_VP8);
	if (!failed) failed = vpx_codec_control(&e->codec, VP8E_SET_ENABLEAUTOALTREF, 0);
	if (!failed) failed = vpx_codec_control(&e->codec, VP8E_SET_STATIC_THRESHOLD, 1);
	if (failed) return failed;
	if (c->vp9) {
		failed = vpx_codec_control(&e->codec, VP9E_SET_NOISE_SENSITIVITY, 0);
		if (!failed) failed = vpx_codec_control(&e->codec, VP9E_SET_AQ_MODE, 3);
		return failed;
	}
	failed = vpx_codec_control(&e->codec, VP8E_SET_NOISE_SENSITIVITY, 0);
	if (!failed) failed = vpx_codec_control(&e->codec, VP8E_SET_TOKEN_PARTITIONS, VP8_ONE_TOKENPARTITION);
	return failed;
}

vpx_codec_err_t legroom_vpx_open(const struct legroom_vpx_config *c, struct legroom_vpx **out) {
	vpx_codec_iface_t *codec = c->vp9 ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx();
	struct legroom_vpx *e = calloc(1, sizeof *e);
	if (!e) return VPX_CODEC_MEM_ERROR;
	vpx_codec_err_t failed = vpx_codec_enc_config_default(codec, &e->config, 0);
	if (!failed) {
		configure(c, &e->config);
		failed = vpx_codec_enc_init(&e->codec, codec, &e->config, 0);
	}
	if (failed) {
		free(e);
		return failed;
	}
	failed = control(e, c);
	if (failed) {
		legroom_vpx_close(e);
		return failed;
	}
	*out = e;
	return VPX_CODEC_OK;
}

vpx_codec_err_t legroom_vpx_encode(struct legroom_vpx *e, const struct legroom_vpx_picture *p,
		unsigned char *y, unsigned char *u, unsigned char *v) {
	vpx_image_t image = {0};
	// One call fills in all but where the samples lie.
	if (!vpx_img_wrap(&image, VPX_IMG_FMT_I420, p->width, p->height, 1, y)) return VPX_CODEC_INVALID_PARAM;
	unsigned char *planes[3] = {y, u, v};
	for (int i = 0; i < 3; i++) {
		image.planes[i] = planes[i];
		image.stride[i] = p->stride[i];
	}
	e->data = NULL;
	e->size = 0;
	e->key = 0;
	if (e->config.ts_number_layers > 1) {
		vpx_codec_err_t failed = vpx_codec_control(&e->codec, VP8E_SET_TEMPORAL_LAYER_ID, p->layer);
		if (failed) return failed;
	}
	vpx_codec_err_t failed = vpx_codec_encode(&e->codec, &image, p->at, p->duration, p->flags, VPX_DL_REALTIME);
	if (failed) return failed;
	// Without lag and with whole pictures as packets there is one, or none.
	vpx_codec_iter_t next = NULL;
	const vpx_codec_cx_pkt_t *packet;
	while ((packet = vpx_codec_get_cx_data(&e->codec, &next))) {
		if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
		e->data = packet->data.frame.buf;
		e->size = packet->data.frame.sz;
		e->key = (packet->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
	}
	return VPX_CODEC_OK;
}

vpx_codec_err_t legroom_vpx_bitrate(struct legroom_vpx *e, int bitrate) {
	rates(&e->config, e->config.ts_number_layers, bitrate);
	return vpx_codec_enc_config_set(&e->codec, &e->config);
}

void legroom_vpx_close(struct legroom_vpx *e) {
	vpx_codec_destroy(&e->codec);
	free(e);
}
