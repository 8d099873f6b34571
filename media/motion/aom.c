//go:build cgo && (linux || av1)

#include "motion.h"

#include <stdlib.h>
#include <string.h>

#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

enum {
	BLOCK = 16,          // side of the squares that are painted or not
	GREY = 128,          // of luma and chroma: says nothing about the screen
	CHEAP_COSTS = 3,     // cost tables are never brought up to date within a stream
	AMPLE_RATE = 100000, // kbit/s: the quantiser is set, so the rate decides nothing
};

struct motion_encoder {
	aom_codec_ctx_t ctx;
	aom_codec_enc_cfg_t cfg;
	aom_image_t *img; // what is encoded next
	motion_settings is;
	motion_picture picture; // of img
	int cols, rows;         // in blocks
	int photo;              // what libaom is told to look for
	unsigned char *painted; // which blocks are, since begin
	aom_codec_pts_t frames;
};

// A setting that a version of libaom does not know is not needed with it.
#define SET(e, id, value) (void)aom_codec_control(&(e)->ctx, id, value)

static void tune(motion_encoder *e)
{
	SET(e, AOME_SET_CPUUSED, e->is.speed);
	SET(e, AV1E_SET_TUNE_CONTENT, AOM_CONTENT_SCREEN);
	SET(e, AV1E_SET_ENABLE_PALETTE, 1);
	SET(e, AV1E_SET_COLOR_PRIMARIES, AOM_CICP_CP_BT_709);
	SET(e, AV1E_SET_TRANSFER_CHARACTERISTICS, AOM_CICP_TC_BT_709);
	SET(e, AV1E_SET_MATRIX_COEFFICIENTS, AOM_CICP_MC_BT_709);
	SET(e, AV1E_SET_COLOR_RANGE, AOM_CR_STUDIO_RANGE);
	SET(e, AV1E_SET_ENABLE_CDEF, 1);
	SET(e, AV1E_SET_ROW_MT, 1);
	SET(e, AV1E_SET_TILE_COLUMNS, e->is.threads > 1 ? 1 : 0);
	SET(e, AV1E_SET_ENABLE_ORDER_HINT, 0);
	SET(e, AV1E_SET_ENABLE_OBMC, 0);
	SET(e, AV1E_SET_ENABLE_WARPED_MOTION, 0);
	SET(e, AV1E_SET_ENABLE_GLOBAL_MOTION, 0);
	SET(e, AV1E_SET_ENABLE_REF_FRAME_MVS, 0);
	SET(e, AV1E_SET_ENABLE_TPL_MODEL, 0);
	SET(e, AV1E_SET_DELTAQ_MODE, 0);
	SET(e, AV1E_SET_AQ_MODE, 0);
	SET(e, AV1E_SET_CDF_UPDATE_MODE, 1);
	SET(e, AV1E_SET_COEFF_COST_UPD_FREQ, CHEAP_COSTS);
	SET(e, AV1E_SET_MODE_COST_UPD_FREQ, CHEAP_COSTS);
	SET(e, AV1E_SET_MV_COST_UPD_FREQ, CHEAP_COSTS);
}

static int configure(motion_encoder *e)
{
	const motion_settings *s = &e->is;
	aom_codec_iface_t *av1 = aom_codec_av1_cx();
	int err = aom_codec_enc_config_default(av1, &e->cfg, AOM_USAGE_REALTIME);
	if (err)
		return err;
	e->cfg.g_w = s->coded_width;
	e->cfg.g_h = s->coded_height;
	e->cfg.g_threads = s->threads;
	e->cfg.g_timebase.num = 1;
	e->cfg.g_timebase.den = 30;
	e->cfg.g_pass = AOM_RC_ONE_PASS;
	e->cfg.g_lag_in_frames = 0;
	e->cfg.rc_end_usage = AOM_CBR;
	e->cfg.rc_dropframe_thresh = 0;
	e->cfg.rc_target_bitrate = AMPLE_RATE;
	e->cfg.kf_mode = AOM_KF_DISABLED;
	err = aom_codec_enc_init(&e->ctx, av1, &e->cfg, 0);
	if (err)
		return err;
	tune(e);
	return AOM_CODEC_OK;
}

motion_encoder *motion_encoder_open(const motion_settings *s, int *err)
{
	motion_encoder *e = calloc(1, sizeof *e);
	*err = AOM_CODEC_MEM_ERROR;
	if (!e)
		return NULL;
	e->is = *s;
	e->cols = (s->coded_width + BLOCK - 1) / BLOCK;
	e->rows = (s->coded_height + BLOCK - 1) / BLOCK;
	e->painted = calloc(e->cols, e->rows);
	e->img = aom_img_alloc(NULL, AOM_IMG_FMT_I420, s->coded_width, s->coded_height, 64);
	if (!e->painted || !e->img || (*err = configure(e)) != AOM_CODEC_OK) {
		motion_encoder_close(e);
		return NULL;
	}
	e->img->range = AOM_CR_STUDIO_RANGE;
	e->img->cp = AOM_CICP_CP_BT_709;
	e->img->tc = AOM_CICP_TC_BT_709;
	e->img->mc = AOM_CICP_MC_BT_709;
	e->picture = (motion_picture){ e->img->planes[0], e->img->planes[1], e->img->planes[2], e->img->stride[0], e->img->stride[1] };
	return e;
}

void motion_encoder_close(motion_encoder *e)
{
	if (!e)
		return;
	if (e->ctx.priv)
		aom_codec_destroy(&e->ctx);
	aom_img_free(e->img);
	free(e->painted);
	free(e);
}

static void fill(uint8_t *plane, ptrdiff_t stride, int width, int height)
{
	for (int y = 0; y < height; y++)
		memset(plane + y * stride, GREY, width);
}

static void copy(uint8_t *to, ptrdiff_t stride, const uint8_t *from, ptrdiff_t from_stride, int width, int height)
{
	for (int y = 0; y < height; y++)
		memcpy(to + y * stride, from + y * from_stride, width);
}

// Copies what is seen in the blocks from..to of a row of blocks to the picture.
static void settle_run(motion_encoder *e, const aom_image_t *seen, int row, int from, int to)
{
	const motion_picture *p = &e->picture;
	int x = from * BLOCK, y = row * BLOCK, x1 = to * BLOCK, y1 = y + BLOCK;
	int w = (x1 < e->is.coded_width ? x1 : e->is.coded_width) - x;
	int h = (y1 < e->is.coded_height ? y1 : e->is.coded_height) - y;
	ptrdiff_t luma = seen->stride[0], chroma = seen->stride[1], at = y / 2 * chroma + x / 2, where = y / 2 * p->chroma + x / 2;
	copy(p->y + y * p->luma + x, p->luma, seen->planes[0] + y * luma + x, luma, w, h);
	copy(p->u + where, p->chroma, seen->planes[1] + at, chroma, w / 2, h / 2);
	copy(p->v + where, p->chroma, seen->planes[2] + at, chroma, w / 2, h / 2);
}

// Makes the blocks that the last frame painted what the decoder has in their place, so that they cost nothing when they are not
// painted again, whatever the quantiser. libaom's own active map does so only since 3.11, and takes more bytes to save a fifth of the
// time.
static void settle(motion_encoder *e)
{
	const aom_image_t *seen = aom_codec_get_preview_frame(&e->ctx);
	if (!seen || seen->fmt != AOM_IMG_FMT_I420 || (int)seen->d_w != e->is.coded_width || (int)seen->d_h != e->is.coded_height)
		return;
	for (int row = 0; row < e->rows; row++) {
		const unsigned char *painted = e->painted + row * e->cols;
		for (int col = 0; col < e->cols; col++) {
			int from = col;
			while (col < e->cols && painted[col])
				col++;
			if (col > from)
				settle_run(e, seen, row, from, col);
		}
	}
}

void motion_encoder_begin(motion_encoder *e, int key, int photo)
{
	if (e->photo != photo) {
		e->photo = photo;
		SET(e, AV1E_SET_TUNE_CONTENT, photo ? AOM_CONTENT_DEFAULT : AOM_CONTENT_SCREEN);
	}
	if (key) {
		fill(e->picture.y, e->picture.luma, e->is.coded_width, e->is.coded_height);
		fill(e->picture.u, e->picture.chroma, e->is.coded_width / 2, e->is.coded_height / 2);
		fill(e->picture.v, e->picture.chroma, e->is.coded_width / 2, e->is.coded_height / 2);
	} else {
		settle(e);
	}
	memset(e->painted, 0, (size_t)e->cols * e->rows);
}

// Repeats the last column and row of r, where they are those of the picture, up to the size that is coded.
static void extend(uint8_t *plane, ptrdiff_t stride, motion_rect r, int width, int height, int coded_width, int coded_height)
{
	if (r.x1 == width)
		for (int y = r.y0; y < r.y1; y++)
			memset(plane + y * stride + width, plane[y * stride + width - 1], coded_width - width);
	if (r.y1 == height)
		for (int y = height; y < coded_height; y++)
			memcpy(plane + y * stride + r.x0, plane + (height - 1) * stride + r.x0,
				(r.x1 == width ? coded_width : r.x1) - r.x0);
}

void motion_encoder_paint(motion_encoder *e, const uint8_t *bgrx, ptrdiff_t stride, motion_rect r)
{
	const motion_settings *s = &e->is;
	const motion_picture *p = &e->picture;
	motion_from_bgrx(*p, bgrx, stride, r);
	extend(p->y, p->luma, r, s->width, s->height, s->coded_width, s->coded_height);
	motion_rect c = { r.x0 / 2, r.y0 / 2, (r.x1 + 1) / 2, (r.y1 + 1) / 2 };
	extend(p->u, p->chroma, c, (s->width + 1) / 2, (s->height + 1) / 2, s->coded_width / 2, s->coded_height / 2);
	extend(p->v, p->chroma, c, (s->width + 1) / 2, (s->height + 1) / 2, s->coded_width / 2, s->coded_height / 2);
	int right = r.x1 == s->width ? e->cols : (r.x1 + BLOCK - 1) / BLOCK;
	int bottom = r.y1 == s->height ? e->rows : (r.y1 + BLOCK - 1) / BLOCK;
	for (int row = r.y0 / BLOCK; row < bottom; row++)
		memset(e->painted + row * e->cols + r.x0 / BLOCK, 1, right - r.x0 / BLOCK);
}

// Says which pictures the next frame may be made from: the last one and the last key frame, or only that. libaom's own choice would
// have the decoder hold seven of them, for no fewer bytes.
static int refer(motion_encoder *e, int from_key)
{
	enum { LAST = 0, GOLDEN = 3, SLOT_OF_LAST = 0, SLOT_OF_KEY = 1 };
	aom_svc_ref_frame_config_t c = { 0 };
	c.reference[LAST] = 1;
	c.ref_idx[LAST] = from_key ? SLOT_OF_KEY : SLOT_OF_LAST;
	c.reference[GOLDEN] = !from_key;
	c.ref_idx[GOLDEN] = SLOT_OF_KEY;
	c.refresh[SLOT_OF_LAST] = 1;
	return aom_codec_control(&e->ctx, AV1E_SET_SVC_REF_FRAME_CONFIG, &c);
}

int motion_encoder_encode(motion_encoder *e, int from, int quantizer, const uint8_t **data, size_t *size)
{
	int err = AOM_CODEC_OK;
	if ((int)e->cfg.rc_min_quantizer != quantizer || (int)e->cfg.rc_max_quantizer != quantizer) {
		e->cfg.rc_min_quantizer = e->cfg.rc_max_quantizer = quantizer;
		err = aom_codec_enc_config_set(&e->ctx, &e->cfg);
	}
	if (!err && from != MOTION_FROM_NOTHING)
		err = refer(e, from == MOTION_FROM_KEY);
	if (!err)
		err = aom_codec_encode(&e->ctx, e->img, e->frames++, 1, from == MOTION_FROM_NOTHING ? AOM_EFLAG_FORCE_KF : 0);
	if (err)
		return err;
	aom_codec_iter_t iter = NULL;
	const aom_codec_cx_pkt_t *packet;
	while ((packet = aom_codec_get_cx_data(&e->ctx, &iter))) {
		if (packet->kind != AOM_CODEC_CX_FRAME_PKT)
			continue;
		*data = packet->data.frame.buf;
		*size = packet->data.frame.sz;
		return AOM_CODEC_OK;
	}
	return MOTION_NO_PACKET;
}

const char *motion_encoder_reason(int err)
{
	return err == MOTION_NO_PACKET ? "no packet" : aom_codec_err_to_string(err);
}
