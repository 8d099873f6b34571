//go:build cgo && (linux || av1)

#include "motion.h"

// The conversions work in 16 bits, which compilers turn into vectors for every processor. An error is at most 2 of 255, less than the
// coarser samples of chroma cost.

static inline uint8_t luma_of(unsigned b, unsigned g, unsigned r)
{
	return (uint8_t)((uint16_t)((uint16_t)(16 * b + 157 * g + 47 * r + 128) >> 8) + 16);
}

// b, g and r are sums of four pixels.
static inline uint8_t blue_of(int b, int g, int r)
{
	return (uint8_t)(((112 * b - 86 * g - 26 * r + 512) >> 10) + 128);
}

static inline uint8_t red_of(int b, int g, int r)
{
	return (uint8_t)(((112 * r - 102 * g - 10 * b + 512) >> 10) + 128);
}

static void luma_row(uint8_t *restrict y, const uint8_t *restrict p, int n)
{
	for (int i = 0; i < n; i++)
		y[i] = luma_of(p[4 * i], p[4 * i + 1], p[4 * i + 2]);
}

// Makes n samples of chroma from 2n pixels of each of the rows a and b.
static void chroma_row(uint8_t *restrict u, uint8_t *restrict v, const uint8_t *restrict a, const uint8_t *restrict b, int n)
{
	for (int i = 0; i < n; i++) {
		const uint8_t *p = a + 8 * i, *q = b + 8 * i;
		int blue = p[0] + p[4] + q[0] + q[4];
		int green = p[1] + p[5] + q[1] + q[5];
		int red = p[2] + p[6] + q[2] + q[6];
		u[i] = blue_of(blue, green, red);
		v[i] = red_of(blue, green, red);
	}
}

// Makes one sample from the pixel of a and the one of b, for an edge that lies in the middle of a sample.
static void chroma_edge(uint8_t *u, uint8_t *v, const uint8_t *a, const uint8_t *b)
{
	int blue = 2 * (a[0] + b[0]), green = 2 * (a[1] + b[1]), red = 2 * (a[2] + b[2]);
	*u = blue_of(blue, green, red);
	*v = red_of(blue, green, red);
}

void motion_from_bgrx(motion_picture to, const uint8_t *bgrx, ptrdiff_t stride, motion_rect r)
{
	int x0 = (r.x0 + 1) & ~1, x1 = r.x1 & ~1; // whole samples of chroma
	for (int y = r.y0; y < r.y1; y = (y | 1) + 1) {
		const uint8_t *a = bgrx + y * stride, *b = a;
		luma_row(to.y + y * to.luma + r.x0, a + 4 * r.x0, r.x1 - r.x0);
		if ((y & 1) == 0 && y + 1 < r.y1) {
			b = a + stride;
			luma_row(to.y + (y + 1) * to.luma + r.x0, b + 4 * r.x0, r.x1 - r.x0);
		}
		uint8_t *u = to.u + y / 2 * to.chroma, *v = to.v + y / 2 * to.chroma;
		if (r.x0 < x0)
			chroma_edge(u + r.x0 / 2, v + r.x0 / 2, a + 4 * r.x0, b + 4 * r.x0);
		if (x0 < x1)
			chroma_row(u + x0 / 2, v + x0 / 2, a + 4 * x0, b + 4 * x0, (x1 - x0) / 2);
		if (x1 < r.x1)
			chroma_edge(u + x1 / 2, v + x1 / 2, a + 4 * x1, b + 4 * x1);
	}
}

// The least significant half of a pixel is blue and green, the other one red: the machines we run on are little endian.
typedef uint16_t __attribute__((may_alias)) half;

enum { CHUNK = 256 }; // pixels that are worked on at a time, in the processor's nearest cache

// What is added to the luma of the pixels of a chunk for their colours, in 1/32.
typedef struct {
	int16_t blue[CHUNK], green[CHUNK], red[CHUNK];
} tint;

// Makes the tint of 2n pixels from n samples.
static void tint_row(tint *restrict t, const uint8_t *restrict u, const uint8_t *restrict v, int n)
{
	for (int i = 0; i < n; i++) {
		int16_t cb = u[i] - 128, cr = v[i] - 128;
		int16_t blue = (int16_t)(135 * cb) >> 1, green = (int16_t)(-14 * cb - 34 * cr) >> 1, red = (int16_t)(115 * cr) >> 1;
		t->blue[2 * i] = t->blue[2 * i + 1] = blue;
		t->green[2 * i] = t->green[2 * i + 1] = green;
		t->red[2 * i] = t->red[2 * i + 1] = red;
	}
}

static inline uint16_t clamp(int16_t v)
{
	return v < 0 ? 0 : v > 255 ? 255 : (uint16_t)v;
}

static void pixel_row(half *restrict p, const uint8_t *restrict y, const int16_t *restrict blue, const int16_t *restrict green,
	const int16_t *restrict red, int n)
{
	for (int i = 0; i < n; i++) {
		int16_t l = (int16_t)((uint16_t)(149 * y[i]) >> 2) - 596 + 16; // 1.164 * 32 * (y - 16), and a half
		uint16_t b = clamp((int16_t)(l + blue[i]) >> 5);
		uint16_t g = clamp((int16_t)(l + green[i]) >> 5);
		uint16_t r = clamp((int16_t)(l + red[i]) >> 5);
		p[2 * i] = (uint16_t)(b | g << 8);
		p[2 * i + 1] = r;
	}
}

void motion_to_bgrx(uint8_t *bgrx, ptrdiff_t stride, motion_picture from, motion_rect r)
{
	tint t;
	for (int row = r.y0; row < r.y1; row++) {
		const uint8_t *y = from.y + row * from.luma, *u = from.u + row / 2 * from.chroma, *v = from.v + row / 2 * from.chroma;
		for (int x = r.x0 & ~1; x < r.x1; x += CHUNK) {
			int end = r.x1 < x + CHUNK ? r.x1 : x + CHUNK;
			int skip = x < r.x0; // the left half of a sample lies outside
			tint_row(&t, u + x / 2, v + x / 2, (end - x + 1) / 2);
			pixel_row((half *)(bgrx + row * stride + 4 * (x + skip)), y + x + skip, t.blue + skip, t.green + skip,
				t.red + skip, end - x - skip);
		}
	}
}
