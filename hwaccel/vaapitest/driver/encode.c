// Encoding: H.264 by OpenH264, VP8 by libvpx. Both bring their own headers.
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <va/va_enc_h264.h>
#include <va/va_enc_vp8.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

// append puts data behind what the coded buffer holds.
static void append(struct buffer *out, const uint8_t *data, size_t size) {
	size_t at = out->coded.size;
	if (size > out->size - at) {
		size = out->size - at;
		out->coded.status |= VA_CODED_BUF_STATUS_SLICE_OVERFLOW_MASK;
	}
	memcpy(out->data + at, data, size);
	out->coded.size = at + size;
}

// output is the coded buffer, empty; NULL when there is none of that number.
static struct buffer *output(struct driver *d, VABufferID id) {
	struct buffer *out = object_find(d, id, BUFFER);
	if (!out) return NULL;
	memset(&out->coded, 0, sizeof out->coded);
	out->coded.buf = out->data;
	return out;
}

// source brings the picture into the planes that the libraries take.
static bool source(struct driver *d, struct context *c, int width, int height) {
	if (!c->planar) c->planar = malloc((size_t)width * height * 3 / 2);
	if (!c->planar) return false;
	surface_to_planar(c->target, c->planar, width, height);
	if (fault(d) == FAULT_GREY) memset(c->planar, 128, (size_t)width * height * 3 / 2);
	return true;
}

static VAStatus open_h264(struct context *c, int width, int height) {
	SEncParamExt p;
	if (WelsCreateSVCEncoder(&c->h264_encoder)) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	ISVCEncoder *e = c->h264_encoder;
	(*e)->GetDefaultParams(e, &p);
	p.iUsageType = CAMERA_VIDEO_REAL_TIME;
	p.iPicWidth = width;
	p.iPicHeight = height;
	p.fMaxFrameRate = (float)c->rate / c->scale;
	p.iTargetBitrate = c->bitrate;
	p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
	p.iRCMode = RC_BITRATE_MODE;
	p.bEnableFrameSkip = 0;
	p.bEnableSceneChangeDetect = 0;
	p.uiIntraPeriod = 0;
	p.iMultipleThreadIdc = 1;
	p.iSpatialLayerNum = 1;
	p.eSpsPpsIdStrategy = CONSTANT_ID;
	SSpatialLayerConfig *layer = &p.sSpatialLayers[0];
	layer->iVideoWidth = width;
	layer->iVideoHeight = height;
	layer->fFrameRate = p.fMaxFrameRate;
	layer->iSpatialBitrate = c->bitrate;
	layer->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
	layer->uiProfileIdc = PRO_BASELINE;
	layer->sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
	int quiet = WELS_LOG_QUIET, format = videoFormatI420;
	(*e)->SetOption(e, ENCODER_OPTION_TRACE_LEVEL, &quiet);
	if ((*e)->InitializeExt(e, &p)) return VA_STATUS_ERROR_OPERATION_FAILED;
	(*e)->SetOption(e, ENCODER_OPTION_DATAFORMAT, &format);
	c->rate_changed = false;
	return VA_STATUS_SUCCESS;
}

VAStatus encode_h264(struct driver *d, struct context *c) {
	const VAEncPictureParameterBufferH264 *p = (const void *)c->picture->data;
	struct buffer *out = output(d, p->coded_buf);
	int width = c->width & ~1, height = c->height & ~1;
	if (!out) return VA_STATUS_ERROR_INVALID_BUFFER;
	if (!source(d, c, width, height)) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	VAStatus status = c->h264_encoder ? VA_STATUS_SUCCESS : open_h264(c, width, height);
	if (status != VA_STATUS_SUCCESS) return status;
	ISVCEncoder *e = c->h264_encoder;
	if (c->rate_changed) {
		SBitrateInfo rate = {SPATIAL_LAYER_ALL, c->bitrate};
		(*e)->SetOption(e, ENCODER_OPTION_BITRATE, &rate);
		c->rate_changed = false;
	}
	SSourcePicture s = {
		.iColorFormat = videoFormatI420,
		.iStride = {width, width / 2, width / 2},
		.iPicWidth = width,
		.iPicHeight = height,
		.uiTimeStamp = c->pictures++ * 1000 * c->scale / c->rate,
	};
	s.pData[0] = c->planar;
	s.pData[1] = s.pData[0] + (size_t)width * height;
	s.pData[2] = s.pData[1] + (size_t)(width / 2) * (height / 2);
	if (p->pic_fields.bits.idr_pic_flag) (*e)->ForceIntraFrame(e, true);
	SFrameBSInfo info;
	memset(&info, 0, sizeof info);
	if ((*e)->EncodeFrame(e, &s, &info)) return VA_STATUS_ERROR_ENCODING_ERROR;
	for (int i = 0; i < info.iLayerNum; i++) {
		size_t size = 0;
		for (int k = 0; k < info.sLayerInfo[i].iNalCount; k++) size += info.sLayerInfo[i].pNalLengthInByte[k];
		append(out, info.sLayerInfo[i].pBsBuf, size);
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus open_vp8(struct context *c, int width, int height) {
	vpx_codec_enc_cfg_t cfg;
	if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &cfg, 0)) return VA_STATUS_ERROR_OPERATION_FAILED;
	cfg.g_w = width;
	cfg.g_h = height;
	cfg.g_timebase.num = c->scale;
	cfg.g_timebase.den = c->rate;
	cfg.rc_target_bitrate = c->bitrate / 1000;
	cfg.rc_end_usage = VPX_CBR;
	cfg.g_lag_in_frames = 0;
	cfg.kf_mode = VPX_KF_DISABLED;
	cfg.g_threads = 1;
	if (vpx_codec_enc_init(&c->vpx, vpx_codec_vp8_cx(), &cfg, 0)) return VA_STATUS_ERROR_OPERATION_FAILED;
	c->vpx_open = true;
	// A negative speed is a fixed one.
	vpx_codec_control(&c->vpx, VP8E_SET_CPUUSED, -12);
	return VA_STATUS_SUCCESS;
}

VAStatus encode_vp8(struct driver *d, struct context *c) {
	const VAEncPictureParameterBufferVP8 *p = (const void *)c->picture->data;
	struct buffer *out = output(d, p->coded_buf);
	int width = c->width & ~1, height = c->height & ~1;
	if (!out) return VA_STATUS_ERROR_INVALID_BUFFER;
	if (!source(d, c, width, height)) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	VAStatus status = c->vpx_open ? VA_STATUS_SUCCESS : open_vp8(c, width, height);
	if (status != VA_STATUS_SUCCESS) return status;
	vpx_image_t image;
	vpx_img_wrap(&image, VPX_IMG_FMT_I420, width, height, 1, c->planar);
	bool key = p->pic_flags.bits.frame_type == 0 || p->ref_flags.bits.force_kf;
	if (vpx_codec_encode(&c->vpx, &image, c->pictures++, 1, key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME)) {
		return VA_STATUS_ERROR_ENCODING_ERROR;
	}
	vpx_codec_iter_t next = NULL;
	const vpx_codec_cx_pkt_t *packet;
	while ((packet = vpx_codec_get_cx_data(&c->vpx, &next))) {
		if (packet->kind == VPX_CODEC_CX_FRAME_PKT) append(out, packet->data.frame.buf, packet->data.frame.sz);
	}
	return VA_STATUS_SUCCESS;
}
