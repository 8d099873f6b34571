package sign

import (
	"strings"
	"testing"
	"time"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
)

var erin = identity.Engineer{Name: "Erin Engineer", Organisation: "Example Support", Verified: true}

func TestSentences(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 5, 0, 0, time.UTC)
	var s State
	for _, tt := range []struct {
		event   customer.Event
		changed bool
		want    string
	}{
		{customer.Connecting{}, false, ""},
		{customer.AccessChanged{Access: session.SharedControl}, false, ""},
		{customer.Started{Engineer: erin, Access: session.ViewOnly, At: at}, true, "Erin Engineer (Example Support) can see your screen"},
		{customer.AccessChanged{Access: session.ViewOnly, At: at}, false, "Erin Engineer (Example Support) can see your screen"},
		{customer.Said{Text: "hello"}, false, "Erin Engineer (Example Support) can see your screen"},
		{customer.AccessChanged{Access: session.SharedControl}, true, "Erin Engineer (Example Support) can see and control your screen"},
		{customer.LinkChanged{}, true, "Erin Engineer (Example Support): connection interrupted"},
		{customer.AccessChanged{Access: session.ChatOnly}, true, "Erin Engineer (Example Support): connection interrupted"},
		{customer.LinkChanged{Up: true}, true, "Erin Engineer (Example Support) is connected: chat only"},
		{customer.Ended{Problem: problem.New(problem.CustomerEnded, nil)}, true, ""},
		{customer.LinkChanged{}, false, ""},
	} {
		if got := s.Take(tt.event); got != tt.changed {
			t.Errorf("%#v: changed %v, want %v", tt.event, got, tt.changed)
		}
		if got := s.Text(); got != tt.want {
			t.Errorf("%#v: %q, want %q", tt.event, got, tt.want)
		}
		if s.Live && !s.Since.Equal(at) {
			t.Errorf("%#v: since %v", tt.event, s.Since)
		}
	}
}

// A name nobody vouches for says so, and brings no signs that are not seen.
func TestUnverified(t *testing.T) {
	var s State
	s.Take(customer.Started{Engineer: identity.Engineer{Name: "A\u202eB", Organisation: "{{.name}}"}, Access: session.SharedControl})
	if got, want := s.Text(), "Not verified: A[U+202E]B ({{.name}}) can see and control your screen"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A sign names the Pause key only where that works.
func TestPlate(t *testing.T) {
	defer text.Load("en")
	for language, want := range map[string]string{
		"en": "Erin Engineer (Example Support) can see your screen · Pause key: stop",
		"ja": "Erin Engineer（Example Support）が画面を見ています・Pauseキーで終了",
	} {
		if err := text.Load(language); err != nil {
			t.Fatal(err)
		}
		var s State
		s.Take(customer.Started{Engineer: erin, Access: session.ViewOnly, PanicKey: true})
		if got := s.Plate(); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
		s.Take(customer.Started{Engineer: erin, Access: session.ViewOnly})
		if got, want := s.Plate(), s.Text(); got != want || got == "" {
			t.Errorf("%s, without the key: %q, want %q", language, got, want)
		}
		s.Take(customer.Ended{Problem: problem.New(problem.CustomerEnded, nil)})
		if got := s.Plate(); got != "" {
			t.Errorf("%s, nobody is there: %q", language, got)
		}
	}
}

func TestJapanese(t *testing.T) {
	if err := text.Load("ja"); err != nil {
		t.Fatal(err)
	}
	defer text.Load("en")
	s := State{Live: true, Engineer: erin, Access: session.SharedControl}
	if got := s.Text(); !strings.HasPrefix(got, "Erin Engineer（Example Support）が") {
		t.Errorf("%q", got)
	}
}
