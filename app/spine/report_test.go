package spine

import (
	"slices"
	"testing"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
	"assist/signaling"
)

// alarms is what the customer is told of an alarm: with the end, and after it.
func alarms(s *stage) (told []customer.Report) {
	for _, ev := range all[customer.Ended](&s.toC) {
		told = append(told, ev.Alarm)
	}
	for _, ev := range all[customer.Reported](&s.toC) {
		told = append(told, ev.Alarm)
	}
	return told
}

// TestAlarm ends with a report, whatever has become of the service meanwhile, and the customer is told what is true.
func TestAlarm(t *testing.T) {
	if signaling.Alarm != string(problem.Alarm) {
		t.Fatal("the service does not know an alarm")
	}
	later := []customer.Report{customer.ReportSending, customer.ReportSent}
	for _, tt := range []struct {
		name          string
		before, after func(*stage)
		want          []customer.Report
	}{
		{"all is well", nil, nil, []customer.Report{customer.ReportSent}},
		{"the line was lost in the session", func(s *stage) { s.service.fall(); s.service.rise() }, nil, later},
		{"away for an hour", func(s *stage) { s.service.fall() }, func(s *stage) {
			time.Sleep(time.Hour)
			if told := alarms(s); !slices.Equal(told, later[:1]) {
				s.Errorf("after an hour the customer is told %v", told)
			}
			s.service.rise()
		}, later},
		{"an answer is lost", func(s *stage) { s.service.deafen(true) }, func(s *stage) { s.service.deafen(false) }, later},
		{"away for a day", func(s *stage) { s.service.fall() }, func(s *stage) { time.Sleep(signaling.ReportLife + time.Minute) },
			[]customer.Report{customer.ReportSending, customer.ReportFailed}},
		{"the service has forgotten", func(s *stage) { s.service.forget() }, func(*stage) { time.Sleep(time.Minute) },
			[]customer.Report{customer.ReportSending, customer.ReportFailed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.start(session.SharedControl)
				if tt.before != nil {
					tt.before(s)
				}
				s.customer.Alarm()
				if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.Alarm {
					s.Errorf("customer is told %v", p)
				}
				if p := has[engineer.Ended](s, &s.toE, 1).Problem; p.Code != problem.CustomerEnded {
					s.Errorf("engineer is told %v", p)
				}
				if tt.after != nil {
					tt.after(s)
				}
				s.await("the last word on it", func() bool { return len(alarms(s)) >= len(tt.want) })
				if told := alarms(s); !slices.Equal(told, tt.want) {
					s.Errorf("customer is told %v, want %v", told, tt.want)
				}
				sent := tt.want[len(tt.want)-1] == customer.ReportSent
				if s.service.reported(signaling.Alarm) != sent {
					s.Errorf("the service was told %v, want it %v", !sent, sent)
				}
			})
		})
	}
}

func TestAlarmBeforeConsent(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.meet()
		s.customer.Alarm()
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.Alarm {
			s.Errorf("customer is told %v", p)
		}
		has[engineer.Ended](s, &s.toE, 1)
		s.await("the report", func() bool { return s.service.reported(signaling.Alarm) })
	})
}

// TestAlarmAndAnotherCode has the customer go on to another session while the alarm of the first is still being sent.
func TestAlarmAndAnotherCode(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ViewOnly)
		s.service.fall()
		s.customer.Alarm()
		has[customer.Ended](s, &s.toC, 1)
		has[engineer.Ended](s, &s.toE, 1)
		s.service.rise()
		s.engineer.SignIn("ada", "right horse")
		has[engineer.SignedIn](s, &s.toE, 2)
		s.engineer.NewCode()
		s.customer.Join(form, has[engineer.CodeReady](s, &s.toE, 2).Code)
		has[customer.Asked](s, &s.toC, 2)
		s.await("the report", func() bool { return s.service.reported(signaling.Alarm) })
	})
}

// TestEndsAreTold loses the service in the middle of a session that ends well: both ends say so when it is back, the customer's by itself,
// the engineer's when somebody signs in.
func TestEndsAreTold(t *testing.T) {
	const how = string(problem.CustomerEnded)
	for _, away := range []bool{false, true} {
		play(t, nil, func(s *stage) {
			s.start(session.SharedControl)
			if away {
				s.service.fall()
				has[engineer.ServiceChanged](s, &s.toE, 1)
			}
			s.customer.Stop()
			if told := has[customer.Ended](s, &s.toC, 1).Alarm; told != customer.NoReport {
				s.Errorf("the customer is told %v of an alarm", told)
			}
			has[engineer.Ended](s, &s.toE, 1)
			if away {
				time.Sleep(5 * time.Minute)
				if s.service.reported(how) || s.service.closes(how) != 0 {
					s.Fatal("told to a service that is away")
				}
				s.service.rise()
				has[engineer.ServiceChanged](s, &s.toE, 2)
				s.engineer.SignIn("ada", "right horse")
			}
			s.await("the customer's end is told", func() bool { return s.service.reported(how) })
			s.await("the engineer's end is told", func() bool { return s.service.closes(how) == 1 })
			if told := all[customer.Reported](&s.toC); len(told) != 0 {
				s.Errorf("the customer hears of an alarm: %v", told)
			}
		})
	}
}
