//go:build cgo

package gl

/*
#cgo LDFLAGS: -lX11 -lGL
#include <X11/Xlib.h>
#include <GL/glx.h>
#include <string.h>

static int refused(Display *d, XErrorEvent *e) { return 0; }

// try_context makes a context as GLFW does (GLX 1.3, colour and depth, double buffered) for a window that is never
// mapped, and copies the version into out. It returns what failed, or NULL.
static const char *try_context(char *out, int size) {
	XSetErrorHandler(refused);
	Display *d = XOpenDisplay(NULL);
	if (!d) return "display";
	int major = 0, minor = 0;
	if (!glXQueryVersion(d, &major, &minor) || major < 1 || (major == 1 && minor < 3)) return "GLX version";
	int want[] = {GLX_RENDER_TYPE, GLX_RGBA_BIT, GLX_DRAWABLE_TYPE, GLX_WINDOW_BIT, GLX_DOUBLEBUFFER, True,
		GLX_RED_SIZE, 8, GLX_GREEN_SIZE, 8, GLX_BLUE_SIZE, 8, None};
	int count = 0;
	GLXFBConfig *configs = glXChooseFBConfig(d, DefaultScreen(d), want, &count);
	if (!configs || count == 0) return "pixel formats";
	XVisualInfo *visual = glXGetVisualFromFBConfig(d, configs[0]);
	if (!visual) return "visual";
	GLXContext context = glXCreateNewContext(d, configs[0], GLX_RGBA_TYPE, NULL, True);
	if (!context) return "context";
	XSetWindowAttributes a;
	memset(&a, 0, sizeof a);
	a.colormap = XCreateColormap(d, RootWindow(d, visual->screen), visual->visual, AllocNone);
	Window w = XCreateWindow(d, RootWindow(d, visual->screen), 0, 0, 16, 16, 0, visual->depth, InputOutput,
		visual->visual, CWBorderPixel | CWColormap, &a);
	XSync(d, False);
	if (!glXMakeCurrent(d, w, context)) return "current context";
	const char *version = (const char *)glGetString(GL_VERSION);
	if (!version) return "version";
	strncpy(out, version, size - 1);
	glClear(GL_COLOR_BUFFER_BIT); // some drivers fail at the first thing drawn
	glXSwapBuffers(d, w);
	glFinish();
	return NULL; // the end of the process takes everything back
}
*/
import "C"

import (
	"errors"
	"runtime"
)

func init() { try = tryGLX }

func tryGLX() (string, error) {
	runtime.LockOSThread() // a context belongs to its thread
	defer runtime.UnlockOSThread()
	var version [128]C.char
	if failed := C.try_context(&version[0], C.int(len(version))); failed != nil {
		return "", errors.New("no " + C.GoString(failed))
	}
	return C.GoString(&version[0]), nil
}
