package engineer

import (
	"image"
	"time"

	"assist/app/code"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/media/capture"
	"assist/media/frame"
	"assist/media/input"
)

// What the windows handle, without reaching below this package.
type (
	Frame   = frame.Frame
	Cursor  = capture.Cursor
	Display = capture.Display
	Key     = input.Key
	Usage   = input.Usage
	Pointer = input.Pointer
	Buttons = input.Buttons
)

// What can be chosen besides the ID of a display.
const (
	AllDisplays   = capture.All    // all monitors as one picture
	FollowPointer = capture.Follow // the monitor where the customer's pointer rests
)

// MaxPicture is the largest width or height of a picture, in pixels. Monitors that reach further cannot be seen as one.
const MaxPicture = frame.MaxSide

// Event is something the engineer must see. Events arrive in order, on the console's own
// goroutine: a window takes them over into its own and returns at once.
type Event interface{ event() }

type (
	// SignedIn says that codes can be asked for. Refused sign-ins arrive as SignInFailed.
	SignedIn struct{ Engineer identity.Engineer }

	// SignInFailed says why not.
	SignInFailed struct{ Problem *problem.Error }

	// ServiceChanged says whether the service can be reached. The console reconnects by itself; a live session does not
	// need the service's signaling.
	ServiceChanged struct{ Up bool }

	// CodeReady is a code to read out. It is sent again when its life changes.
	CodeReady struct {
		Code      code.Code
		Until     time.Time
		CanExtend bool
	}

	// CodeGone says that the code shown no longer leads here: used, expired, burnt, cancelled.
	CodeGone struct{ Problem *problem.Error }

	// CodeFailed says that no code could be had, or not extended. A code already shown stays.
	CodeFailed struct{ Problem *problem.Error }

	// GuessFailed says that somebody typed the room of this code with wrong last digits.
	GuessFailed struct{ Left int }

	// CustomerWaiting says that a customer proved the code and is now reading the consent question.
	CustomerWaiting struct {
		Card        Card
		CheckNumber string
	}

	// AccessChanged is the customer's decision: the first one makes the session live.
	AccessChanged struct {
		Access session.Access
		At     time.Time
	}

	// AskRefused says that the customer said no, or nothing, to Ask.
	AskRefused struct {
		Access  session.Access
		Silence bool
	}

	// Trouble says what does not work on the customer's computer, and why a level does not hold.
	Trouble struct{ Problem *problem.Error }

	// Said is a chat message. FromCustomer is false for the engineer's own, once it is on its way.
	Said struct {
		FromCustomer bool
		Text         string
		At           time.Time
	}

	// SaidTooMuch says that the customer's end wrote more than is taken, and that some of it was left out. It comes once a minute at most.
	SaidTooMuch struct{ At time.Time }

	// InputChanged says whether keys and pointer are let through at the customer's, and if not why.
	InputChanged struct{ State InputState }

	// PictureChanged says that the picture was paused or resumed by the customer.
	PictureChanged struct{ Paused bool }

	// DisplaysChanged lists the customer's monitors, says what of them was chosen to be seen, and which that is at the moment. When
	// the chosen one has gone, the customer's end chooses another.
	DisplaysChanged struct {
		Displays []Display
		Choice   uint8 // AllDisplays, FollowPointer or the ID of a display
		Shown    uint8 // AllDisplays or the ID of a display
	}

	// LinkChanged tells about the link: up or interrupted, and how it does. It comes about once a second.
	LinkChanged struct {
		Up        bool
		Until     time.Time // when it is given up; zero while up
		RoundTrip time.Duration
		// Received and Sent are bytes since the session began, everything included; Exact and Motion those of received pictures, by the
		// plane that brought them.
		Received, Sent uint64
		Exact, Motion  uint64
		Pictures       float64       // painted a second
		Rate           uint64        // bytes of picture a second that the customer's end thinks the link carries, 0 for not known
		Queue          time.Duration // that pictures wait on their way, as the customer's end thinks
	}

	// Ended is the last event of a session. Problem is never nil. The console can make a new code.
	Ended struct {
		Problem  *problem.Error
		Started  time.Time // zero if it never was live
		Finished time.Time
		// Transcript is the signed record of a session that was live, nil for one that was not. Nobody has saved it.
		Transcript *transcript.Finished
	}
)

func (SignedIn) event()        {}
func (SignInFailed) event()    {}
func (ServiceChanged) event()  {}
func (CodeReady) event()       {}
func (CodeGone) event()        {}
func (CodeFailed) event()      {}
func (GuessFailed) event()     {}
func (CustomerWaiting) event() {}
func (AccessChanged) event()   {}
func (AskRefused) event()      {}
func (Trouble) event()         {}
func (Said) event()            {}
func (SaidTooMuch) event()     {}
func (InputChanged) event()    {}
func (PictureChanged) event()  {}
func (DisplaysChanged) event() {}
func (LinkChanged) event()     {}
func (Ended) event()           {}

// InputState says whether the customer's computer lets remote input through.
type InputState uint8

// Why input is let through or not. The values are those of the wire.
const (
	InputOff InputState = iota
	InputOn
	InputLocalHand
	InputPrompt
	InputPaused
)

// Card is what the customer wrote into the form: peer text, to be shown as plain text only.
type Card struct {
	Name, CustomerNumber, CaseNumber, Branch, Country, Product string
}

// Screen takes the customer's picture. Its methods are called in order from the session's goroutine and
// must copy what they keep before they return.
type Screen interface {
	// Resize announces the size of the frames that follow. The picture is black until painted.
	Resize(size image.Point)
	// Paint shows the parts dirty of f, which has the announced size.
	Paint(f *Frame, dirty []image.Rectangle)
	// CursorShape changes the pointer's shape; CursorAt moves it. Coordinates are those of the frame.
	CursorShape(c *Cursor)
	CursorAt(p image.Point)
	// Shows says what is painted from now on: AllDisplays or the ID of a display. Pointer events name it.
	Shows(display uint8)
}

// Actions is what the engineer's windows can do. All of it returns at once; what comes of it arrives as
// an Event. An action that makes no sense at the moment is ignored.
type Actions interface {
	SignIn(account, password string)
	SignOut()
	// NewCode makes a code; a code shown before is cancelled.
	NewCode()
	// ExtendCode adds ten minutes, once.
	ExtendCode()
	CancelCode()
	// Ask asks the customer for another level. A lower one is taken without a question.
	Ask(session.Access)
	Say(text string)
	// ShowDisplay asks for another of the customer's monitors, AllDisplays or FollowPointer.
	ShowDisplay(id uint8)
	Key(Key)
	Pointer(Pointer)
	Text(string)
	// ReleaseAll lets go of every key and button, as when the window loses the focus.
	ReleaseAll()
	// End ends the session for good.
	End()
}
