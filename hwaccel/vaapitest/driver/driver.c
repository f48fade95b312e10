// The entry of the driver, and what libva asks for though nobody here needs it.
#include "driver.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum fault fault(const struct driver *d) { return d->control ? d->control[0] : FAULT_NONE; }

// open_control maps the control file: a test writes to it, and the driver sees that without a call.
static volatile const uint8_t *open_control(void) {
	const char *path = getenv("LEGROOM_VAAPITEST_CONTROL");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (file < 0) return NULL;
	void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	return page == MAP_FAILED ? NULL : page;
}

static VAStatus terminate(VADriverContextP ctx) {
	struct driver *d = driver_of(ctx);
	if (d->control) munmap((void *)d->control, 1);
	pthread_mutex_destroy(&d->lock);
	free(d);
	ctx->pDriverData = NULL;
	return VA_STATUS_SUCCESS;
}

static VAStatus query_filters(VADriverContextP ctx, VAContextID context, VAProcFilterType *list, unsigned *count) {
	(void)ctx;
	(void)context;
	(void)list;
	*count = 0;
	return VA_STATUS_SUCCESS;
}

static VAStatus query_filter_caps(VADriverContextP ctx, VAContextID context, VAProcFilterType type, void *caps, unsigned *count) {
	(void)ctx;
	(void)context;
	(void)type;
	(void)caps;
	*count = 0;
	return VA_STATUS_ERROR_UNSUPPORTED_FILTER;
}

static VAStatus query_pipeline_caps(VADriverContextP ctx, VAContextID context, VABufferID *filters, unsigned count,
	VAProcPipelineCaps *caps) {
	(void)ctx;
	(void)context;
	(void)filters;
	(void)count;
	static VAProcColorStandardType standards[] = {VAProcColorStandardNone, VAProcColorStandardBT601, VAProcColorStandardBT709};
	memset(caps, 0, sizeof *caps);
	caps->input_color_standards = caps->output_color_standards = standards;
	caps->num_input_color_standards = caps->num_output_color_standards = sizeof standards / sizeof standards[0];
	caps->blend_flags = VA_BLEND_GLOBAL_ALPHA;
	caps->min_input_width = caps->min_input_height = caps->min_output_width = caps->min_output_height = MIN_SIZE;
	caps->max_input_width = caps->max_input_height = caps->max_output_width = caps->max_output_height = MAX_SIZE;
	return VA_STATUS_SUCCESS;
}

static VAStatus query_subpicture_formats(VADriverContextP ctx, VAImageFormat *list, unsigned *flags, unsigned *count) {
	(void)ctx;
	(void)list;
	(void)flags;
	*count = 0;
	return VA_STATUS_SUCCESS;
}

static VAStatus query_display_attributes(VADriverContextP ctx, VADisplayAttribute *list, int *count) {
	(void)ctx;
	(void)list;
	*count = 0;
	return VA_STATUS_SUCCESS;
}

static VAStatus no_display_attributes(VADriverContextP ctx, VADisplayAttribute *list, int count) {
	(void)ctx;
	(void)list;
	(void)count;
	return VA_STATUS_ERROR_UNIMPLEMENTED;
}

static VAStatus unimplemented(void) { return VA_STATUS_ERROR_UNIMPLEMENTED; }

// install_unused fills the entries that libva refuses to be without. On every machine here a function may be called with
// more arguments than it takes.
static void install_unused(struct VADriverVTable *table) {
	table->vaQuerySubpictureFormats = query_subpicture_formats;
	table->vaQueryDisplayAttributes = query_display_attributes;
	table->vaGetDisplayAttributes = no_display_attributes;
	table->vaSetDisplayAttributes = no_display_attributes;
	table->vaPutSurface = (void *)unimplemented;
	table->vaSetImagePalette = (void *)unimplemented;
	table->vaCreateSubpicture = (void *)unimplemented;
	table->vaDestroySubpicture = (void *)unimplemented;
	table->vaSetSubpictureImage = (void *)unimplemented;
	table->vaSetSubpictureChromakey = (void *)unimplemented;
	table->vaSetSubpictureGlobalAlpha = (void *)unimplemented;
	table->vaAssociateSubpicture = (void *)unimplemented;
	table->vaDeassociateSubpicture = (void *)unimplemented;
}

// libva looks for the entry of its own version first, and then for that of every older one.
__attribute__((visibility("default"))) VAStatus __vaDriverInit_1_0(VADriverContextP ctx) {
	struct driver *d = calloc(1, sizeof *d);
	if (!d) return VA_STATUS_ERROR_ALLOCATION_FAILED;
	pthread_mutex_init(&d->lock, NULL);
	d->control = open_control();
	ctx->pDriverData = d;
	ctx->version_major = VA_MAJOR_VERSION;
	ctx->version_minor = VA_MINOR_VERSION;
	ctx->str_vendor = "Legroom test driver, in software";
	ctx->max_profiles = ctx->max_entrypoints = 16;
	ctx->max_attributes = 64;
	ctx->max_image_formats = ctx->max_subpic_formats = ctx->max_display_attributes = 1;
	ctx->vtable->vaTerminate = terminate;
	capabilities_install(ctx->vtable);
	surfaces_install(ctx->vtable);
	contexts_install(ctx->vtable);
	install_unused(ctx->vtable);
	ctx->vtable_vpp->vaQueryVideoProcFilters = query_filters;
	ctx->vtable_vpp->vaQueryVideoProcFilterCaps = query_filter_caps;
	ctx->vtable_vpp->vaQueryVideoProcPipelineCaps = query_pipeline_caps;
	return VA_STATUS_SUCCESS;
}
