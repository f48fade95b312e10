// Graphics cards, by FFmpeg's device contexts.
#ifndef LEGROOM_FFMPEG_CARD_H
#define LEGROOM_FFMPEG_CARD_H

#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>

// legroom_decode_on has a decoder that is not open yet decode on the card alone: where the card cannot, it fails, and does
// not go on with the processor. extra surfaces are for those who keep pictures.
int legroom_decode_on(AVCodecContext *codec, AVBufferRef *card, enum AVPixelFormat format, int extra);

// legroom_surfaces makes a pool of surfaces of NV12; 0 for size is a pool that grows.
int legroom_surfaces(AVBufferRef **pool, AVBufferRef *card, enum AVPixelFormat format, int width, int height, int size);

// legroom_encode_from has an encoder that is not open yet take surfaces of the pool.
int legroom_encode_from(AVCodecContext *codec, AVBufferRef *pool);

// legroom_upload copies a picture into a surface of the pool, which to refers to afterwards.
int legroom_upload(AVFrame *to, AVBufferRef *pool, const AVFrame *from);

#endif
