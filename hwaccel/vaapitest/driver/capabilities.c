// What the driver says it can do, and configurations of that.
#include "driver.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	VAProfile profile;
	VAEntrypoint entrypoint;
} capabilities[] = {
	{VAProfileNone, VAEntrypointVideoProc},
	{VAProfileH264ConstrainedBaseline, VAEntrypointVLD},
	{VAProfileH264Main, VAEntrypointVLD},
	{VAProfileH264High, VAEntrypointVLD},
	{VAProfileH264ConstrainedBaseline, VAEntrypointEncSlice},
	{VAProfileVP8Version0_3, VAEntrypointVLD},
	{VAProfileVP8Version0_3, VAEntrypointEncSlice},
	{VAProfileVP9Profile0, VAEntrypointVLD},
};

enum { CAPABILITIES = sizeof capabilities / sizeof capabilities[0] };

bool capable(VAProfile profile, VAEntrypoint entrypoint) {
	for (int i = 0; i < CAPABILITIES; i++) {
		if (capabilities[i].profile == profile && capabilities[i].entrypoint == entrypoint) return true;
	}
	return false;
}

static VAStatus query_profiles(VADriverContextP ctx, VAProfile *list, int *count) {
	(void)ctx;
	*count = 0;
	for (int i = 0; i < CAPABILITIES; i++) {
		bool seen = false;
		for (int k = 0; k < *count; k++) seen |= list[k] == capabilities[i].profile;
		if (!seen) list[(*count)++] = capabilities[i].profile;
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus query_entrypoints(VADriverContextP ctx, VAProfile profile, VAEntrypoint *list, int *count) {
	(void)ctx;
	*count = 0;
	for (int i = 0; i < CAPABILITIES; i++) {
		if (capabilities[i].profile == profile) list[(*count)++] = capabilities[i].entrypoint;
	}
	return *count ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
}

static uint32_t attribute(VAEntrypoint entrypoint, VAConfigAttribType type) {
	bool encodes = entrypoint == VAEntrypointEncSlice;
	switch (type) {
	case VAConfigAttribRTFormat:
		return VA_RT_FORMAT_YUV420;
	case VAConfigAttribRateControl:
		return encodes ? VA_RC_CQP | VA_RC_CBR | VA_RC_VBR : VA_ATTRIB_NOT_SUPPORTED;
	case VAConfigAttribEncMaxRefFrames:
	case VAConfigAttribEncMaxSlices:
		return encodes ? 1 : VA_ATTRIB_NOT_SUPPORTED;
	case VAConfigAttribMaxPictureWidth:
	case VAConfigAttribMaxPictureHeight:
		return MAX_SIZE;
	case VAConfigAttribDecSliceMode:
		return entrypoint == VAEntrypointVLD ? VA_DEC_SLICE_MODE_NORMAL : VA_ATTRIB_NOT_SUPPORTED;
	default:
		return VA_ATTRIB_NOT_SUPPORTED;
	}
}

static VAStatus get_attributes(VADriverContextP ctx, VAProfile profile, VAEntrypoint entrypoint, VAConfigAttrib *list, int count) {
	(void)ctx;
	if (!capable(profile, entrypoint)) return VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT;
	for (int i = 0; i < count; i++) list[i].value = attribute(entrypoint, list[i].type);
	return VA_STATUS_SUCCESS;
}

static VAStatus create_config(VADriverContextP ctx, VAProfile profile, VAEntrypoint entrypoint, VAConfigAttrib *list, int count,
	VAConfigID *id) {
	(void)list;
	(void)count;
	if (!capable(profile, entrypoint)) return VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT;
	struct config *c = calloc(1, sizeof *c);
	if (!c) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	c->profile = profile;
	c->entrypoint = entrypoint;
	*id = object_add(driver_of(ctx), c, CONFIG);
	if (*id != VA_INVALID_ID) return VA_STATUS_SUCCESS;
	free(c);
	return VA_STATUS_ERROR_ALLOCATION_FAILED;
}

static VAStatus destroy_config(VADriverContextP ctx, VAConfigID id) {
	free(object_take(driver_of(ctx), id, CONFIG));
	return VA_STATUS_SUCCESS;
}

static VAStatus query_config(VADriverContextP ctx, VAConfigID id, VAProfile *profile, VAEntrypoint *entrypoint, VAConfigAttrib *list,
	int *count) {
	const struct config *c = object_find(driver_of(ctx), id, CONFIG);
	if (!c) return VA_STATUS_ERROR_INVALID_CONFIG;
	*profile = c->profile;
	*entrypoint = c->entrypoint;
	*count = 1;
	list[0].type = VAConfigAttribRTFormat;
	list[0].value = VA_RT_FORMAT_YUV420;
	return VA_STATUS_SUCCESS;
}

static VAStatus query_surface_attributes(VADriverContextP ctx, VAConfigID id, VASurfaceAttrib *list, unsigned *count) {
	enum { GET = VA_SURFACE_ATTRIB_GETTABLE, SET = VA_SURFACE_ATTRIB_SETTABLE };
	static const struct {
		VASurfaceAttribType type;
		int value;
		unsigned flags;
	} all[] = {
		{VASurfaceAttribPixelFormat, VA_FOURCC_NV12, GET | SET},
		{VASurfaceAttribMinWidth, MIN_SIZE, GET},
		{VASurfaceAttribMinHeight, MIN_SIZE, GET},
		{VASurfaceAttribMaxWidth, MAX_SIZE, GET},
		{VASurfaceAttribMaxHeight, MAX_SIZE, GET},
		{VASurfaceAttribMemoryType, VA_SURFACE_ATTRIB_MEM_TYPE_VA, GET | SET},
	};
	const unsigned n = sizeof all / sizeof all[0];
	if (!object_find(driver_of(ctx), id, CONFIG)) return VA_STATUS_ERROR_INVALID_CONFIG;
	unsigned room = *count;
	*count = n;
	if (!list) return VA_STATUS_SUCCESS;
	if (room < n) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
	memset(list, 0, n * sizeof *list);
	for (unsigned i = 0; i < n; i++) {
		list[i].type = all[i].type;
		list[i].flags = all[i].flags;
		list[i].value.type = VAGenericValueTypeInteger;
		list[i].value.value.i = all[i].value;
	}
	return VA_STATUS_SUCCESS;
}

void capabilities_install(struct VADriverVTable *table) {
	table->vaQueryConfigProfiles = query_profiles;
	table->vaQueryConfigEntrypoints = query_entrypoints;
	table->vaGetConfigAttributes = get_attributes;
	table->vaCreateConfig = create_config;
	table->vaDestroyConfig = destroy_config;
	table->vaQueryConfigAttributes = query_config;
	table->vaQuerySurfaceAttributes = query_surface_attributes;
}
