#include "shim.h"

#include <stdlib.h>
#include <string.h>

// parameters fills in what is not OpenH264's default.
static void parameters(const struct legroom_openh264_config *c, SEncParamExt *p) {
	p->iUsageType = CAMERA_VIDEO_REAL_TIME;
	p->iPicWidth = c->width;
	p->iPicHeight = c->height;
	p->fMaxFrameRate = c->rate;
	p->iTargetBitrate = c->bitrate;
	p->iMaxBitrate = UNSPECIFIED_BIT_RATE;
	p->iRCMode = RC_BITRATE_MODE;
	// Every picture comes out: a receiver sees one that is coarse sooner than none.
	p->bEnableFrameSkip = false;
	// With its defaults of 0 and 51 OpenH264 stops at 42, and cannot keep to a low rate.
	p->iMinQp = 12;
	p->iMaxQp = 51;
	p->uiIntraPeriod = 0;
	p->bEnableSceneChangeDetect = false;
	p->eSpsPpsIdStrategy = CONSTANT_ID;
	p->bPrefixNalAddingCtrl = false;
	p->iEntropyCodingModeFlag = 0;
	p->iMultipleThreadIdc = 1;
	p->iTemporalLayerNum = c->layers;
	p->iComplexityMode = c->complexity;
	p->uiMaxNalSize = c->slice;
	p->iSpatialLayerNum = 1;
	SSpatialLayerConfig *layer = &p->sSpatialLayers[0];
	layer->iVideoWidth = c->width;
	layer->iVideoHeight = c->height;
	layer->fFrameRate = c->rate;
	layer->iSpatialBitrate = c->bitrate;
	layer->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
	layer->uiProfileIdc = PRO_BASELINE;
	layer->uiLevelIdc = c->level;
	layer->sSliceArgument.uiSliceMode = c->slice ? SM_SIZELIMITED_SLICE : SM_SINGLE_SLICE;
	layer->sSliceArgument.uiSliceSizeConstraint = c->slice;
}

int legroom_openh264_open(const struct legroom_openh264_config *c, struct legroom_openh264 **out) {
	struct legroom_openh264 *e = calloc(1, sizeof *e);
	if (!e) return cmMallocMemeError;
	int failed = WelsCreateSVCEncoder(&e->svc);
	if (failed) {
		free(e);
		return failed;
	}
	SEncParamExt p;
	int quiet = WELS_LOG_QUIET, format = videoFormatI420;
	// It would write to the standard error.
	(*e->svc)->SetOption(e->svc, ENCODER_OPTION_TRACE_LEVEL, &quiet);
	failed = (*e->svc)->GetDefaultParams(e->svc, &p);
	if (!failed) {
		parameters(c, &p);
		failed = (*e->svc)->InitializeExt(e->svc, &p);
	}
	if (!failed) failed = (*e->svc)->SetOption(e->svc, ENCODER_OPTION_DATAFORMAT, &format);
	if (failed) {
		WelsDestroySVCEncoder(e->svc);
		free(e);
		return failed;
	}
	*out = e;
	return 0;
}

int legroom_openh264_encode(struct legroom_openh264 *e, const struct legroom_openh264_picture *p,
		unsigned char *y, unsigned char *u, unsigned char *v) {
	SSourcePicture s = {
		.iColorFormat = videoFormatI420,
		.iStride = {p->luma, p->chroma, p->chroma},
		.pData = {y, u, v},
		.iPicWidth = p->width,
		.iPicHeight = p->height,
		.uiTimeStamp = p->ms,
	};
	e->info.iLayerNum = 0;
	if (p->key) {
		int failed = (*e->svc)->ForceIntraFrame(e->svc, true);
		if (failed) return failed;
	}
	return (*e->svc)->EncodeFrame(e->svc, &s, &e->info);
}

int legroom_openh264_bitrate(struct legroom_openh264 *e, int bitrate) {
	SBitrateInfo rate = {SPATIAL_LAYER_ALL, bitrate};
	return (*e->svc)->SetOption(e->svc, ENCODER_OPTION_BITRATE, &rate);
}

void legroom_openh264_close(struct legroom_openh264 *e) {
	(*e->svc)->Uninitialize(e->svc);
	WelsDestroySVCEncoder(e->svc);
	free(e);
}
