// A libva driver for tests: it answers real VA-API calls, and where a card has its engines it has OpenH264 and libvpx.
//
// It knows H.264 and VP8 both ways, VP9 decoding, and scaling and stacking of pictures, all in NV12 of 8 bits. It does not
// know fields, pictures out of order, packed headers, other formats, or memory shared with other devices.
#ifndef LEGROOM_VAAPITEST_DRIVER_H
#define LEGROOM_VAAPITEST_DRIVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <va/va.h>
#include <va/va_backend.h>
#include <va/va_backend_vpp.h>
#include <va/va_vpp.h>
#include <vpx/vpx_codec.h>
#include <wels/codec_api.h>

enum {
	// Objects that live at a time, and slices of a picture.
	MAX_OBJECTS = 8192,
	MAX_SLICES = 256,
	MAX_LAYERS = 64,
	// Pictures.
	MIN_SIZE = 16,
	MAX_SIZE = 4096,
};

// What can be asked for from outside, in the first byte of the file that LEGROOM_VAAPITEST_CONTROL names.
enum fault {
	FAULT_NONE = 0,
	// Every picture fails.
	FAULT_FAIL = 1,
	// A call for a picture does not return while this stands.
	FAULT_HANG = 2,
	// Encoders give pictures of grey.
	FAULT_GREY = 3,
};

enum kind { CONFIG = 1, CONTEXT, SURFACE, BUFFER, IMAGE };

// Every object begins with its kind.
struct object {
	enum kind kind;
};

struct config {
	struct object object;
	VAProfile profile;
	VAEntrypoint entrypoint;
};

// NV12: the luma of all rows, then the chroma.
struct surface {
	struct object object;
	int width, height, pitch, rows;
	uint8_t *luma, *chroma;
};

struct buffer {
	struct object object;
	VABufferType type;
	uint8_t *data;
	// Whether data was allocated for it; an image derived from a surface shows the surface's memory.
	bool owned;
	size_t size;
	VACodedBufferSegment coded;
};

struct image {
	struct object object;
	VAImage image;
};

// A stream that is decoded or encoded, or a scaler.
struct context {
	struct object object;
	VAProfile profile;
	VAEntrypoint entrypoint;
	struct surface *target;
	// What was rendered since vaBeginPicture.
	struct buffer *picture;
	struct buffer *slices[MAX_SLICES], *slice_data[MAX_SLICES], *layers[MAX_LAYERS];
	int slice_count, slice_data_count, layer_count;
	// What an encoder is to keep to.
	unsigned bitrate, rate, scale;
	bool rate_changed;
	// The size of its pictures, as the sequence says: surfaces may be larger, as a decoder's are, in whole blocks.
	int width, height;
	// The engines; one at most is open.
	ISVCEncoder *h264_encoder;
	ISVCDecoder *h264_decoder;
	vpx_codec_ctx_t vpx;
	bool vpx_open;
	uint8_t *planar;
	int64_t pictures;
	// The parameter sets that the H.264 decoder was given last.
	uint8_t sets[256];
	size_t sets_size;
};

struct driver {
	pthread_mutex_t lock;
	struct object *objects[MAX_OBJECTS];
	// The control file, NULL without one.
	volatile const uint8_t *control;
};

// objects.c
unsigned object_add(struct driver *d, void *object, enum kind kind);
void *object_find(struct driver *d, unsigned id, enum kind kind);
void *object_take(struct driver *d, unsigned id, enum kind kind);

// capabilities.c
bool capable(VAProfile profile, VAEntrypoint entrypoint);
void capabilities_install(struct VADriverVTable *table);

// surfaces.c
void surfaces_install(struct VADriverVTable *table);
void surface_to_planar(const struct surface *s, uint8_t *planar, int width, int height);
void surface_from_planes(struct surface *s, uint8_t *const planes[3], const int strides[2], int width, int height);
void surface_clear(struct surface *s);

// contexts.c
void contexts_install(struct VADriverVTable *table);
VAStatus buffer_destroy(VADriverContextP ctx, VABufferID id);

// One picture each; contexts.c calls them for vaEndPicture.
VAStatus encode_h264(struct driver *d, struct context *c);
VAStatus encode_vp8(struct driver *d, struct context *c);
VAStatus decode_h264(struct context *c);
VAStatus decode_vpx(struct context *c);
VAStatus process(struct driver *d, struct context *c);

// driver.c
enum fault fault(const struct driver *d);

static inline struct driver *driver_of(VADriverContextP ctx) { return ctx->pDriverData; }

#endif
