#include "packet.h"

int legroom_send(AVCodecContext *codec, AVPacket *packet, void *data, int size, int64_t pts) {
	packet->data = data;
	packet->size = size;
	packet->pts = packet->dts = pts;
	int err = avcodec_send_packet(codec, packet);
	packet->data = NULL;
	packet->size = 0;
	return err;
}
