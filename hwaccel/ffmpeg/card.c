#include "card.h"

#include <libavutil/error.h>
#include <stdint.h>

static enum AVPixelFormat choose(AVCodecContext *codec, const enum AVPixelFormat *offered) {
	enum AVPixelFormat wanted = (enum AVPixelFormat)(intptr_t)codec->opaque;
	for (; *offered != AV_PIX_FMT_NONE; offered++) {
		if (*offered == wanted) return wanted;
	}
	av_log(codec, AV_LOG_ERROR, "the card does not decode this profile of %s\n", codec->codec->name);
	return AV_PIX_FMT_NONE;
}

int legroom_decode_on(AVCodecContext *codec, AVBufferRef *card, enum AVPixelFormat format, int extra) {
	codec->hw_device_ctx = av_buffer_ref(card);
	if (!codec->hw_device_ctx) return AVERROR(ENOMEM);
	codec->opaque = (void *)(intptr_t)format;
	codec->get_format = choose;
	codec->extra_hw_frames = extra;
	return 0;
}

int legroom_surfaces(AVBufferRef **pool, AVBufferRef *card, enum AVPixelFormat format, int width, int height, int size) {
	*pool = av_hwframe_ctx_alloc(card);
	if (!*pool) return AVERROR(ENOMEM);
	AVHWFramesContext *frames = (AVHWFramesContext *)(*pool)->data;
	frames->format = format;
	frames->sw_format = AV_PIX_FMT_NV12;
	frames->width = width;
	frames->height = height;
	frames->initial_pool_size = size;
	int err = av_hwframe_ctx_init(*pool);
	if (err < 0) av_buffer_unref(pool);
	return err;
}

int legroom_encode_from(AVCodecContext *codec, AVBufferRef *pool) {
	codec->pix_fmt = ((AVHWFramesContext *)pool->data)->format;
	codec->hw_frames_ctx = av_buffer_ref(pool);
	return codec->hw_frames_ctx ? 0 : AVERROR(ENOMEM);
}

int legroom_upload(AVFrame *to, AVBufferRef *pool, const AVFrame *from) {
	av_frame_unref(to);
	int err = av_hwframe_get_buffer(pool, to, 0);
	if (err >= 0) err = av_hwframe_transfer_data(to, from, 0);
	if (err < 0) av_frame_unref(to);
	else to->width = from->width, to->height = from->height;
	return err;
}
