package customer

import (
	"image"
	"time"

	"assist/app/cleanup"
	"assist/app/code"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
)

// Event is something the customer must see. Events arrive in order, on the session's own
// goroutine: a window takes them over into its own and returns at once.
type Event interface{ event() }

type (
	// Connecting says that the code is on its way.
	Connecting struct{}

	// Refused says that the code did not lead anywhere. The form is kept and may be sent again.
	// GuessesLeft is above zero only for problem.CodeWrong; Expires is the end of the code's life if known.
	Refused struct {
		Problem     *problem.Error
		GuessesLeft int
		Expires     time.Time
	}

	// Asked says that an engineer is there, and waits for the customer's Answer until Until.
	Asked struct {
		Engineer identity.Engineer
		// CheckNumber is six digits that both screens show if nobody is in between.
		CheckNumber string
		// MustCheck means control needs the check number typed, as read out by the engineer:
		// the organisation could not be verified.
		MustCheck bool
		// NoScreen and NoControl say why view only and shared control cannot be had on this computer; nil if they can. Who allows such
		// a level all the same allows the highest that can be had.
		NoScreen, NoControl *problem.Error
		Until               time.Time
	}

	// Started says that the session is live. More AccessChanged follow.
	Started struct {
		Engineer identity.Engineer
		Access   session.Access
		At       time.Time
		// PanicKey means that the Pause key ends the session. Without it no window may promise that.
		PanicKey bool
	}

	// AccessChanged says which level holds from now on, and what the next higher one needs. Its digits end a pause, too.
	AccessChanged struct {
		Access session.Access
		At     time.Time
		Needs  Needs
	}

	// Requested says that the engineer asks for a higher level, until Until. Answer with AnswerRequest.
	Requested struct {
		ID     uint32
		Access session.Access
		Until  time.Time
		Needs  Needs
	}

	// StillThere asks whether somebody is at the computer: after half an hour of shared control. Answer with
	// StillHere and the Digits until Until, or control ends. It comes again with other digits once these were used.
	StillThere struct {
		Until  time.Time
		Digits string
	}

	// StillThereGone says that the question is no longer open.
	StillThereGone struct{}

	// RequestGone says that the request is no longer open: silence, or a lower level, answered it with no.
	RequestGone struct{ ID uint32 }

	// Said is a chat message. FromEngineer is false for the customer's own, once it is on its way.
	Said struct {
		FromEngineer bool
		Text         string
		At           time.Time
	}

	// PauseChanged says that the customer paused picture and input, or that they go on.
	PauseChanged struct{ Paused bool }

	// SaidTooMuch says that the engineer wrote more than is taken, and that some of it was left out. It comes once a minute at most.
	SaidTooMuch struct{ At time.Time }

	// InputChanged says whether the engineer's keys and pointer reach this computer now, and if not why.
	InputChanged struct{ State InputState }

	// Trouble says that something does not work on this computer. The session goes on without it, at the level
	// that AccessChanged names.
	Trouble struct{ Problem *problem.Error }

	// Sharing says which monitors the engineer sees while the level lets them see any, in desktop pixels. It comes with the first
	// picture, and when others are shown or monitors change.
	Sharing struct{ Places []image.Rectangle }

	// LinkChanged says whether the engineer can be reached. After an interruption the session goes on by itself, or
	// ends with Ended at Until.
	LinkChanged struct {
		Up    bool
		Until time.Time // zero while up
	}

	// LineChanged says whether the line to the engineer is so slow that the picture lags. It is not when a session starts.
	LineChanged struct{ Slow bool }

	// Ended is the last event of a session, but for Reported. Problem is never nil: its code says who ended it or what broke.
	Ended struct {
		Problem  *problem.Error
		Started  time.Time // zero if it never was live
		Finished time.Time
		Journal  string // file of the log, if the customer asked for one
		// Transcript is the signed record of a session that was live, nil for one that was not. It is on the disk only if
		// TranscriptFile names it: the customer asked for a log. A window may offer to save it.
		Transcript     *transcript.Finished
		TranscriptFile string
		CleanUp        *cleanup.Report // what was removed, if the customer asked for it
		// Alarm is what has become of the customer's alarm so far, NoReport if it did not end with one. Reported follows
		// if it is ReportSending.
		Alarm Report
	}

	// Reported says what became of an alarm that could not be sent at once. It may come long after Ended, also after that of a later
	// session, but never in one.
	Reported struct{ Alarm Report }
)

func (Connecting) event()     {}
func (Refused) event()        {}
func (Asked) event()          {}
func (Started) event()        {}
func (AccessChanged) event()  {}
func (Requested) event()      {}
func (RequestGone) event()    {}
func (Said) event()           {}
func (SaidTooMuch) event()    {}
func (PauseChanged) event()   {}
func (InputChanged) event()   {}
func (Trouble) event()        {}
func (StillThere) event()     {}
func (StillThereGone) event() {}
func (Sharing) event()        {}
func (LinkChanged) event()    {}
func (LineChanged) event()    {}
func (Ended) event()          {}
func (Reported) event()       {}

// InputState says whether remote input is let through.
type InputState uint8

// Why input is let through or not.
const (
	InputOff       InputState = iota // the level does not include it
	InputOn                          // the engineer can type and click
	InputLocalHand                   // the customer's own mouse or keyboard goes first
	InputPrompt                      // a question is open
	InputPaused                      // the customer paused
)

// Report is what became of a report to the service.
type Report uint8

// What becomes of reports.
const (
	NoReport      Report = iota
	ReportSent           // the service has it
	ReportSending        // the service does not answer; it is tried again as long as the program runs
	ReportFailed         // the service does not take it
)

// Consent is the customer's answer to Asked.
type Consent struct {
	Access  session.Access // NoAccess declines
	Journal bool           // keep a log of the session on this computer
	CleanUp bool           // leave nothing behind at the end
	Proof
}

// Needs says what a higher level needs beyond a yes. It is for shared control only, but for Digits.
type Needs struct {
	// Check means that the check number must be typed as the engineer reads it out: who they are could not be verified.
	Check bool
	// Called means that the customer must have said that they called the engineer, on a number they know. Once said, it holds
	// for the session.
	Called bool
	// Digits are two digits that must be typed, "" for none: the engineer has had control, and something left behind on this
	// computer could press buttons. They change with every use.
	Digits string
}

// Proof is what the customer typed or said for a higher level.
type Proof struct {
	Check  string
	Called bool
	Digits string
}

// Actions is what the customer's windows can do. All of it returns at once; what comes of it arrives as
// an Event. An action that makes no sense at the moment is ignored.
type Actions interface {
	// Join sends the form and the code.
	Join(Form, code.Code)
	// Leave gives up before the session is live: back to the form. One that has just become live ends.
	Leave()
	// Answer answers Asked.
	Answer(Consent)
	// SetAccess is the customer's own change of level. Down takes effect at once; up needs what AccessChanged.Needs says.
	SetAccess(session.Access, Proof)
	// AnswerRequest answers Requested.
	AnswerRequest(id uint32, yes bool, proof Proof)
	// StillHere answers StillThere, with its digits.
	StillHere(Proof)
	// Alarm is Stop with a report to the service: something feels wrong.
	Alarm()
	// Say sends a chat message.
	Say(text string)
	// Pause stops the picture and the input, until Resume. That needs the digits of the last AccessChanged.Needs, if there are any,
	// at every level.
	Pause()
	Resume(Proof)
	// Stop ends the session for good.
	Stop()
}
