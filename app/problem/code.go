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

	// The network, as the connection report names it too: the ids are those of package diag.
	NoNetwork        Code = "no-network"    // this computer has no address
	NoResolver       Code = "no-resolver"   // nobody answers for names
	NameUnknown      Code = "name-unknown"  // the service's is not known here
	ClockWrong       Code = "clock-wrong"   // so that certificates seem out of date
	ClockOff         Code = "clock-off"     // not enough to matter
	PortsBlocked     Code = "ports-blocked" // no port of the service answers
	PortsRefused     Code = "ports-refused"
	PortsPartly      Code = "ports-partly" // some do not, another one works
	NoRoute          Code = "no-route"     // the network says so
	ConnectionCut    Code = "connection-cut"
	CaptivePortal    Code = "captive-portal"
	OtherAnswers     Code = "other-answers" // at the service's address, and not in TLS
	IPv4Broken       Code = "ipv4-broken"
	IPv6Broken       Code = "ipv6-broken"
	NetworkSlow      Code = "network-slow"
	TLSInspected     Code = "tls-inspected"     // somebody on the way forges certificates
	PrivateAuthority Code = "private-authority" // no public one vouches for the service
	ServiceExpired   Code = "service-expired"   // its certificate
	WrongHost        Code = "wrong-host"        // a certificate for another name
	TLSBroken        Code = "tls-broken"
	ProxyName        Code = "proxy-name"
	ProxyClosed      Code = "proxy-closed"
	ProxySilent      Code = "proxy-silent"
	ProxyNoRoute     Code = "proxy-no-route"
	ProxyCut         Code = "proxy-cut"
	ProxyForbids     Code = "proxy-forbids"
	ProxyCannot      Code = "proxy-cannot"
	ProxyLogin       Code = "proxy-login" // it wants one, and has none
	ProxyLoginWrong  Code = "proxy-login-wrong"
	ProxyTicket      Code = "proxy-ticket" // it takes only those who are signed in elsewhere
	ProxyNonsense    Code = "proxy-nonsense"
	ProxySetting     Code = "proxy-setting" // cannot be read
	ScriptMissing    Code = "script-missing"
	ScriptBroken     Code = "script-broken"
	WebSocketBlocked Code = "websocket-blocked" // TLS gets through and its content does not
	RelayPartly      Code = "relay-partly"      // one is dead, another one works
	RelayLogin       Code = "relay-login"
	RelayFull        Code = "relay-full"
	RelayNonsense    Code = "relay-nonsense"
	UDPBlocked       Code = "udp-blocked"

	// Signing in.
	SignInFailed    Code = "sign-in-failed"
	SignInRequired  Code = "sign-in-required"
	CertificateGone Code = "certificate-expired"

	// The session.
	HandshakeBroken Code = "handshake-broken" // somebody in between changed something
	EngineerForged  Code = "engineer-forged"  // certificate is not signed by the organisation
	EngineerDates   Code = "engineer-dates"   // certificate is out of date, or this computer's clock is
	EngineerRevoked Code = "engineer-revoked" // the engineer's account was closed
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
	SignHidden        Code = "sign-hidden"    // something hides the bar with Stop, or the marks of what is shared
	Unmarked          Code = "unmarked"       // own windows cannot be left out of the picture any more
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
		NoNetwork, NoResolver, NameUnknown, ClockWrong, ClockOff, PortsBlocked, PortsRefused, PortsPartly, NoRoute,
		ConnectionCut, CaptivePortal, OtherAnswers, IPv4Broken, IPv6Broken, NetworkSlow, TLSInspected, PrivateAuthority,
		ServiceExpired, WrongHost, TLSBroken, ProxyName, ProxyClosed, ProxySilent, ProxyNoRoute, ProxyCut, ProxyForbids,
		ProxyCannot, ProxyLogin, ProxyLoginWrong, ProxyTicket, ProxyNonsense, ProxySetting, ScriptMissing, ScriptBroken,
		WebSocketBlocked, RelayPartly, RelayLogin, RelayFull, RelayNonsense, UDPBlocked,
		SignInFailed, SignInRequired, CertificateGone,
		HandshakeBroken, EngineerForged, EngineerDates, EngineerRevoked, ConsentDeclined, ConsentTimeout, CustomerEnded, EngineerEnded, LinkLost,
		PeerMisbehaved, SessionLimit, PanicKey, Alarm,
		ScreenUnsupported, ScreenWayland, InputUnsupported, InputTerminal, WindowsMissing, NoDisplay, DigitsWait, DigitsLocked, JournalFailed,
		SignHidden, Unmarked,
	}
}
