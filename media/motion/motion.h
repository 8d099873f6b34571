//go:build cgo && (linux || av1)

// What the Go side of this package calls: an encoder (libaom), a decoder (dav1d), and the conversion of pixels. None of it is safe for
// two threads at once on one encoder or decoder.

#ifndef ASSIST_MOTION_H
#define ASSIST_MOTION_H

#include <stddef.h>
#include <stdint.h>

// A picture of 8-bit 4:2:0 samples, BT.709, limited range.
typedef struct {
	uint8_t *y, *u, *v;
	ptrdiff_t luma, chroma; // bytes from one row to the next
} motion_picture;

// A rectangle, x1 and y1 excluded.
typedef struct {
	int x0, y0, x1, y1;
} motion_rect;

// Converts the pixels in r, and no others. Both pictures are given by their pixel 0,0. A chroma sample on the edge of r is the mean of
// those of its pixels that lie in r.
void motion_from_bgrx(motion_picture to, const uint8_t *bgrx, ptrdiff_t stride, motion_rect r);
void motion_to_bgrx(uint8_t *bgrx, ptrdiff_t stride, motion_picture from, motion_rect r);

typedef struct motion_encoder motion_encoder;

typedef struct {
	int width, height;             // of the pixels that are painted
	int coded_width, coded_height; // of the stream: even, and no smaller
	int threads; // 1 or 2
	int speed;   // cpu-used
} motion_settings;

// What motion_encoder_encode returns beside the codes of aom_codec_err_t, which are small and positive.
enum { MOTION_NO_PACKET = -1 };

// Returns NULL, and the reason in *err, where libaom refuses.
motion_encoder *motion_encoder_open(const motion_settings *s, int *err);
void motion_encoder_close(motion_encoder *e);

// What a frame is made from. Nothing makes it a key frame.
enum { MOTION_FROM_LAST, MOTION_FROM_KEY, MOTION_FROM_NOTHING };

// A frame is begin, paint for each active rectangle, encode. Begin makes everything grey for a key frame; otherwise, whatever is not
// painted stays as the decoder has it. Photo says what will be painted: film or photos, or else text and drawings.
void motion_encoder_begin(motion_encoder *e, int key, int photo);
void motion_encoder_paint(motion_encoder *e, const uint8_t *bgrx, ptrdiff_t stride, motion_rect r);

// The temporal unit in *data stays valid until the next call.
int motion_encoder_encode(motion_encoder *e, int from, int quantizer, const uint8_t **data, size_t *size);
const char *motion_encoder_reason(int err);

typedef struct motion_decoder motion_decoder;

// What motion_decoder_decode returns besides 0.
enum { MOTION_CORRUPT = -1, MOTION_NO_MEMORY = -2 };

motion_decoder *motion_decoder_open(int width, int height);
void motion_decoder_close(motion_decoder *d);

// The most pictures that d has held at a time.
int motion_decoder_most(const motion_decoder *d);

// Decodes one temporal unit. The picture stays valid until the next call. After an error, only a key frame decodes.
int motion_decoder_decode(motion_decoder *d, const uint8_t *data, size_t size, motion_picture *out);

#endif
