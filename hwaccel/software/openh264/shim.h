// Binds OpenH264's C interface, whose methods are pointers in a table, which Go cannot call.
#ifndef LEGROOM_OPENH264_SHIM_H
#define LEGROOM_OPENH264_SHIM_H

#include <wels/codec_api.h>

struct legroom_openh264 {
	ISVCEncoder *svc;
	// info tells of the last access unit: its NAL units, in layers; the bytes are OpenH264's until the next picture.
	SFrameBSInfo info;
};

struct legroom_openh264_config {
	int width, height, rate, bitrate, level;
	// slice bounds NAL units; 0 makes one of each picture.
	int slice;
	int layers;
	int complexity;
};

struct legroom_openh264_picture {
	int width, height;
	int luma, chroma; // strides
	long long ms;
	int key;
};

// legroom_openh264_open makes an encoder. It gives 0, or OpenH264's CM_RETURN and no encoder.
int legroom_openh264_open(const struct legroom_openh264_config *c, struct legroom_openh264 **out);

// legroom_openh264_encode encodes one picture. Planes are lent for the call and arguments of their own, so that they may
// be memory of Go. It gives 0 or a CM_RETURN.
int legroom_openh264_encode(struct legroom_openh264 *e, const struct legroom_openh264_picture *p,
	unsigned char *y, unsigned char *u, unsigned char *v);

// legroom_openh264_bitrate changes the target, bits a second. It gives 0 or a CM_RETURN.
int legroom_openh264_bitrate(struct legroom_openh264 *e, int bitrate);

void legroom_openh264_close(struct legroom_openh264 *e);

#endif
