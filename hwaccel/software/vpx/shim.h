// Binds libvpx's encoders: their settings are calls with types of their own (macros), which Go cannot make.
#ifndef LEGROOM_VPX_SHIM_H
#define LEGROOM_VPX_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

struct legroom_vpx {
	vpx_codec_ctx_t codec;
	vpx_codec_enc_cfg_t config;
	// data of the last access unit, libvpx's until the next picture; NULL when the picture was left out.
	unsigned char *data;
	size_t size;
	int key;
};

struct legroom_vpx_config {
	bool vp9;
	int width, height, rate, bitrate, layers;
};

struct legroom_vpx_picture {
	int width, height;
	int stride[3];
	long long at, duration; // 90 kHz
	long flags;
	int layer;
};

// legroom_vpx_open makes an encoder. It gives 0, or libvpx's error and no encoder.
vpx_codec_err_t legroom_vpx_open(const struct legroom_vpx_config *c, struct legroom_vpx **out);

// legroom_vpx_encode encodes one picture. Planes are lent for the call and arguments of their own, so that they may be
// memory of Go. It gives 0 or libvpx's error.
vpx_codec_err_t legroom_vpx_encode(struct legroom_vpx *e, const struct legroom_vpx_picture *p,
	unsigned char *y, unsigned char *u, unsigned char *v);

// legroom_vpx_bitrate changes the target, bits a second. It gives 0 or libvpx's error.
vpx_codec_err_t legroom_vpx_bitrate(struct legroom_vpx *e, int bitrate);

void legroom_vpx_close(struct legroom_vpx *e);

#endif
