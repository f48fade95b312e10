#include "driver.h"

#include <libavutil/hwcontext_vaapi.h>
#include <stdlib.h>
#include <va/va.h>

static VADisplay display(AVHWDeviceContext *card) { return ((AVVAAPIDeviceContext *)card->hwctx)->display; }

const char *legroom_va_vendor(AVHWDeviceContext *card) { return vaQueryVendorString(display(card)); }

static const VAProfile profiles[] = {
	[LEGROOM_VA_H264] = VAProfileH264ConstrainedBaseline,
	[LEGROOM_VA_H265] = VAProfileHEVCMain,
	[LEGROOM_VA_VP8] = VAProfileVP8Version0_3,
	[LEGROOM_VA_VP9] = VAProfileVP9Profile0,
	[LEGROOM_VA_AV1] = VAProfileAV1Profile0,
};

// size asks for the largest pictures.
static void size(VADisplay d, VAProfile profile, VAEntrypoint entrypoint, int *width, int *height) {
	VAConfigAttrib a[2] = {{.type = VAConfigAttribMaxPictureWidth}, {.type = VAConfigAttribMaxPictureHeight}};
	if (vaGetConfigAttributes(d, profile, entrypoint, a, 2) != VA_STATUS_SUCCESS) return;
	if (a[0].value != VA_ATTRIB_NOT_SUPPORTED) *width = a[0].value;
	if (a[1].value != VA_ATTRIB_NOT_SUPPORTED) *height = a[1].value;
}

// entrypoints lists those of a profile; the caller frees it.
static VAEntrypoint *entrypoints(VADisplay d, VAProfile profile, int *count) {
	VAEntrypoint *list = calloc(vaMaxNumEntrypoints(d), sizeof *list);
	*count = 0;
	if (list && vaQueryConfigEntrypoints(d, profile, list, count) != VA_STATUS_SUCCESS) *count = 0;
	return list;
}

struct legroom_va_ability legroom_va_ability(AVHWDeviceContext *card, int profile) {
	struct legroom_va_ability a = {0};
	VADisplay d = display(card);
	VAEntrypoint encoder = 0;
	int count;
	VAEntrypoint *list = entrypoints(d, profiles[profile], &count);
	for (int i = 0; i < count; i++) {
		if (list[i] == VAEntrypointVLD) a.decode = 1;
		if (list[i] == VAEntrypointEncSlice || (list[i] == VAEntrypointEncSliceLP && !encoder)) encoder = list[i];
	}
	free(list);
	a.encode = encoder != 0;
	a.low_power = encoder == VAEntrypointEncSliceLP;
	if (a.decode) size(d, profiles[profile], VAEntrypointVLD, &a.decode_width, &a.decode_height);
	if (a.encode) size(d, profiles[profile], encoder, &a.encode_width, &a.encode_height);
	return a;
}

int legroom_va_scales(AVHWDeviceContext *card) {
	int count, found = 0;
	VAEntrypoint *list = entrypoints(display(card), VAProfileNone, &count);
	for (int i = 0; i < count; i++) found |= list[i] == VAEntrypointVideoProc;
	free(list);
	return found;
}
