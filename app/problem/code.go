package problem

// Code names one fault that people can meet. It is an id: never translated, never reused.
type Code string

// The faults, by where people meet them.
const (
	Internal    Code = "internal"    // a mistake of the program itself
	Unsupported Code = "unsupported" // not built, or not possible on this system

	// Typing.
	CodeEmpty       Code = "code-empty"
	CodeSyntax      Code = "code-syntax" // not seven digits
	NameEmpty       Code = "name-empty"
	FieldTooLong    Code = "field-too-long"
	CustomerNumber  Code = "customer-number" // not letters, digits, dashes
	CaseNumber      Code = "case-number"
	BranchNumber    Code = "branch-number"
	CountryCode     Code = "country-code"
	TermsUnaccepted Code = "terms-unaccepted"
	CheckMismatch   Code = "check-mismatch" // typed check number is not the one shown
	AccountEmpty    Code = "account-empty"
	PasswordEmpty   Code = "password-empty"
	MessageTooLong  Code = "message-too-long"
	ServiceAddress  Code = "service-address" // not host or host:port
	LinkSyntax      Code = "link-syntax"     // an assist:// link that says nothing useful

	// The code.
	CodeUnknown    Code = "code-unknown"
	CodeExpired    Code = "code-expired"
	CodeUsed       Code = "code-used"
	CodeBurnt      Code = "code-burnt"
	CodeCancelled  Code = "code-cancelled"
	CodeClaimed    Code = "code-claimed" // somebody else is connecting with it this moment
	CodeWrong      Code = "code-wrong"   // last four digits wrong, guesses are left
	TooManyTries   Code = "too-many-tries"
	RoomsFull      Code = "rooms-full"
	CodeExtended   Code = "code-extended" // a second +10 min
	EngineerGone   Code = "engineer-gone" // the console left before the session began
	EngineerSilent Code = "engineer-silent"

	// Reaching the service.
	ServiceUnreachable Code = "service-unreachable"
	ServiceUntrusted   Code = "service-untrusted" // its certificate is not one we trust
	ServiceLost        Code = "service-lost"
	ServiceVersion     Code = "service-version"
	ServiceFull        Code = "service-full"
	ServiceFault       Code = "service-fault" // it answers that it cannot work now
	RelayUnreachable   Code = "relay-unreachable"

	// Signing in.
	SignInFailed    Code = "sign-in-failed"
	SignInRequired  Code = "sign-in-required"
	CertificateGone Code = "certificate-expired"

	// The session.
	HandshakeBroken Code = "handshake-broken" // somebody in between changed something
	EngineerForged  Code = "engineer-forged"  // certificate is not signed by the organisation
	ConsentDeclined Code = "consent-declined"
	ConsentTimeout  Code = "consent-timeout"
	CustomerEnded   Code = "customer-ended"
	EngineerEnded   Code = "engineer-ended"
	LinkLost        Code = "link-lost"
	PeerMisbehaved  Code = "peer-misbehaved" // bytes no honest program sends
	SessionLimit    Code = "session-limit"
	PanicKey        Code = "panic-key" // ended with the Pause key
	Alarm           Code = "alarm"     // ended by the customer, because something felt wrong

	// This computer.
	ScreenUnsupported Code = "screen-unsupported"
	ScreenWayland     Code = "screen-wayland"
	InputUnsupported  Code = "input-unsupported"
	InputTerminal     Code = "input-terminal"  // the engineer could reach the terminal in which the customer decides
	WindowsMissing    Code = "windows-missing" // no window can be drawn, so the terminal is used
	NoDisplay         Code = "no-display"
	DigitsWait        Code = "digits-wait"    // the two digits mistyped too often: a level can be raised again in a while
	DigitsLocked      Code = "digits-locked"  // and then no more in this session
	JournalFailed     Code = "journal-failed" // the log that the customer wants cannot be written
)

// Codes lists every code, for tests that hold the catalogues against it.
func Codes() []Code {
	return []Code{
		Internal, Unsupported,
		CodeEmpty, CodeSyntax, NameEmpty, FieldTooLong, CustomerNumber, CaseNumber, BranchNumber, CountryCode,
		TermsUnaccepted, CheckMismatch, AccountEmpty, PasswordEmpty, MessageTooLong, ServiceAddress, LinkSyntax,
		CodeUnknown, CodeExpired, CodeUsed, CodeBurnt, CodeCancelled, CodeClaimed, CodeWrong, TooManyTries, RoomsFull,
		CodeExtended, EngineerGone, EngineerSilent,
		ServiceUnreachable, ServiceUntrusted, ServiceLost, ServiceVersion, ServiceFull, ServiceFault, RelayUnreachable,
		SignInFailed, SignInRequired, CertificateGone,
		HandshakeBroken, EngineerForged, ConsentDeclined, ConsentTimeout, CustomerEnded, EngineerEnded, LinkLost,
		PeerMisbehaved, SessionLimit, PanicKey, Alarm,
		ScreenUnsupported, ScreenWayland, InputUnsupported, InputTerminal, WindowsMissing, NoDisplay, DigitsWait, DigitsLocked, JournalFailed,
	}
}
