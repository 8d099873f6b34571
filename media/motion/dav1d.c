//go:build cgo && (linux || av1)

#include "motion.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <dav1d/dav1d.h>

enum {
	// Pictures that a decoder may hold at a time: the last one, that of the last key frame, the next one, and the one that its caller looks
	// at. An encoder keeps to that.
	MOST_PICTURES = 4,
	GRAIN = 127 // width and height of a picture's memory are multiples of 128, as dav1d asks
};

struct motion_decoder {
	Dav1dContext *ctx;
	int width, height; // of every picture
	int begun;         // pictures of the message at hand
	int held;
	ptrdiff_t luma, chroma; // bytes of a row
	size_t luma_size, chroma_size;
	void *spare[MOST_PICTURES]; // memory for pictures, to be used again
	int spares;
	Dav1dPicture picture;
};

// An encoder makes one picture of one size from a message. One that begins more, shown or not, would cost time and memory out of
// proportion to its length.
static int make_picture(Dav1dPicture *p, void *cookie)
{
	motion_decoder *d = cookie;
	if (d->begun++ > 0 || d->held >= MOST_PICTURES)
		return DAV1D_ERR(ENOMEM);
	if (p->p.layout != DAV1D_PIXEL_LAYOUT_I420 || p->p.bpc != 8 || p->p.w != d->width || p->p.h != d->height)
		return DAV1D_ERR(EINVAL);
	void *m = d->spares > 0 ? d->spare[--d->spares] : malloc(d->luma_size + 2 * d->chroma_size + 2 * DAV1D_PICTURE_ALIGNMENT);
	if (!m)
		return DAV1D_ERR(ENOMEM);
	d->held++;
	uintptr_t at = ((uintptr_t)m + DAV1D_PICTURE_ALIGNMENT - 1) & ~(uintptr_t)(DAV1D_PICTURE_ALIGNMENT - 1);
	p->allocator_data = m;
	p->data[0] = (void *)at;
	p->data[1] = (void *)(at + d->luma_size);
	p->data[2] = (void *)(at + d->luma_size + d->chroma_size);
	p->stride[0] = d->luma;
	p->stride[1] = d->chroma;
	return 0;
}

static void release_picture(Dav1dPicture *p, void *cookie)
{
	motion_decoder *d = cookie;
	d->held--;
	d->spare[d->spares++] = p->allocator_data;
}

motion_decoder *motion_decoder_open(int width, int height)
{
	motion_decoder *d = calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->width = width;
	d->height = height;
	// Rows that lie a power of two apart would fight for the same lines of the processor's cache.
	d->luma = ((width + GRAIN) & ~GRAIN) + 2 * DAV1D_PICTURE_ALIGNMENT;
	d->chroma = d->luma / 2;
	d->luma_size = d->luma * ((height + GRAIN) & ~GRAIN);
	d->chroma_size = d->chroma * ((height + GRAIN) & ~GRAIN) / 2;
	Dav1dSettings s;
	dav1d_default_settings(&s);
	s.n_threads = 1;
	s.max_frame_delay = 1;
	s.apply_grain = 0;
	s.all_layers = 0;
	s.frame_size_limit = (unsigned)width * height;
	s.logger.callback = NULL;
	s.allocator.cookie = d;
	s.allocator.alloc_picture_callback = make_picture;
	s.allocator.release_picture_callback = release_picture;
	if (dav1d_open(&d->ctx, &s) < 0) {
		free(d);
		return NULL;
	}
	return d;
}

void motion_decoder_close(motion_decoder *d)
{
	if (!d)
		return;
	dav1d_picture_unref(&d->picture);
	dav1d_close(&d->ctx);
	while (d->spares > 0)
		free(d->spare[--d->spares]);
	free(d);
}

// Gives all of data to dav1d and leaves the last picture that comes of it in d->picture. dav1d has nothing left over from one message to
// the next: pictures are taken until it asks for more.
static int feed(motion_decoder *d, Dav1dData *data)
{
	int err = dav1d_send_data(d->ctx, data);
	while (!err) {
		Dav1dPicture p = { 0 };
		err = dav1d_get_picture(d->ctx, &p);
		if (!err) {
			dav1d_picture_unref(&d->picture);
			d->picture = p;
		} else if (err == DAV1D_ERR(EAGAIN)) {
			return 0;
		}
	}
	return err;
}

int motion_decoder_decode(motion_decoder *d, const uint8_t *bytes, size_t size, motion_picture *out)
{
	Dav1dData data = { 0 };
	dav1d_picture_unref(&d->picture);
	d->begun = 0;
	if (size > 0) {
		uint8_t *to = dav1d_data_create(&data, size);
		if (!to)
			return MOTION_NO_MEMORY;
		memcpy(to, bytes, size);
	}
	int err = size > 0 ? feed(d, &data) : 0; // nothing makes no picture
	dav1d_data_unref(&data);
	const Dav1dPicture *p = &d->picture;
	if (err || !p->data[0] || p->p.w != d->width || p->p.h != d->height || p->p.layout != DAV1D_PIXEL_LAYOUT_I420 || p->p.bpc != 8) {
		dav1d_picture_unref(&d->picture);
		dav1d_flush(d->ctx);
		return MOTION_CORRUPT;
	}
	*out = (motion_picture){ p->data[0], p->data[1], p->data[2], p->stride[0], p->stride[1] };
	return 0;
}

int motion_decoder_most(const motion_decoder *d)
{
	return d->held + d->spares;
}
