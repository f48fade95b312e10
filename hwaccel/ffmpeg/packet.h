// Hands encoded data to a codec and takes it back without a copy on the Go heap.
#ifndef LEGROOM_FFMPEG_PACKET_H
#define LEGROOM_FFMPEG_PACKET_H

#include <libavcodec/avcodec.h>

// legroom_send lends data to the decoder for the length of the call: as the packet has no buffer of its own,
// avcodec_send_packet copies it, with the padding that decoders read past its end.
int legroom_send(AVCodecContext *codec, AVPacket *packet, void *data, int size, int64_t pts);

#endif
