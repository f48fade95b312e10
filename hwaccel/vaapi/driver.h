// What a VA-API driver says of itself.
#ifndef LEGROOM_VAAPI_DRIVER_H
#define LEGROOM_VAAPI_DRIVER_H

#include <libavutil/hwcontext.h>

// legroom_va_vendor is the driver's name in its own words. Owner: the driver.
const char *legroom_va_vendor(AVHWDeviceContext *card);

// What a driver can do with one profile.
struct legroom_va_ability {
	int decode, encode;
	// The encoder is the fixed kind that Intel calls low power, and there is no other.
	int low_power;
	// Largest pictures; 0 where the driver does not say.
	int decode_width, decode_height, encode_width, encode_height;
};

// legroom_va_ability asks for one of the profiles below.
struct legroom_va_ability legroom_va_ability(AVHWDeviceContext *card, int profile);

// legroom_va_scales tells whether pictures can be processed.
int legroom_va_scales(AVHWDeviceContext *card);

// Profiles of what conferences send: 8 bits, 4:2:0.
enum { LEGROOM_VA_H264, LEGROOM_VA_H265, LEGROOM_VA_VP8, LEGROOM_VA_VP9, LEGROOM_VA_AV1 };

#endif
