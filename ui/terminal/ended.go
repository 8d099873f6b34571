package terminal

import (
	"assist/app/cleanup"
	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/summary"
	"assist/ui/text"
)

// levelNames name the levels.
var levelNames = map[session.Access]string{
	session.ChatOnly: "level.chat", session.ViewOnly: "level.view", session.SharedControl: "level.control",
}

// ended says how it ended, what it was and what is left of it, and asks for a new code.
func (d *Dialogue) ended(e customer.Ended) {
	d.clock.stop()
	t := d.talk
	d.talk = talk{}
	title := "ended.title"
	if e.Started.IsZero() {
		title = "ended.title-none"
	}
	told := why(e.Problem.Code, t.engineer.Name)
	if e.Alarm != customer.NoReport {
		_, do := text.Problem(problem.Alarm)
		told = text.Join(reported(e.Alarm), do)
	}
	d.say("", text.L(title), told)
	if !e.Started.IsZero() {
		d.story(e, t)
	}
	d.leftovers(e)
	d.say(text.L("ended.no-return"), "")
	if d.eof {
		d.closed = true
		return
	}
	d.say(text.L("terminal.again"))
	if e.Transcript != nil {
		d.say("r  " + text.L("ended.summary"))
	}
	d.askCode()
	code := d.ask
	d.ask = func(line string) {
		switch cmd := command(line); {
		case cmd == "":
			d.closed = true
		case cmd == "r" && e.Transcript != nil:
			d.say("", summary.Text(e.Transcript.Summary()))
		default:
			code(line)
		}
	}
}

// why says who or what ended it. An ordinary end is only told; a fault comes with what to do.
func why(c problem.Code, engineer string) string {
	switch c {
	case problem.CustomerEnded:
		return text.L("ended.by-you")
	case problem.EngineerEnded:
		if engineer == "" {
			engineer = text.L("ended.engineer")
		}
		return text.F("ended.by-engineer", map[string]any{"name": text.Plain(engineer)})
	case problem.PanicKey:
		return text.L("ended.by-key")
	case problem.ConsentDeclined:
		return text.L("ended.declined")
	case problem.ConsentTimeout:
		return text.L("ended.silence")
	}
	return text.Join(text.Problem(c))
}

// reported says what has become of an alarm.
func reported(r customer.Report) string {
	return text.L(map[customer.Report]string{
		customer.ReportSent: "alarm.sent", customer.ReportSending: "alarm.sending", customer.ReportFailed: "alarm.failed",
	}[r])
}

// story says who was there, for how long, and what they could do.
func (d *Dialogue) story(e customer.Ended, t talk) {
	d.say(
		text.F("ended.with", map[string]any{"name": text.Plain(t.engineer.Name), "organisation": text.Plain(t.engineer.Organisation)}),
		text.F("ended.lasted", map[string]any{
			"time": text.Elapsed(e.Finished.Sub(e.Started)), "from": text.Time(e.Started), "to": text.Time(e.Finished),
		}))
	var names []string
	for _, level := range session.Levels {
		for _, had := range t.levels {
			if had == level {
				names = append(names, text.L(levelNames[level]))
				break
			}
		}
	}
	if len(names) > 0 {
		d.say(text.F("ended.levels", map[string]any{"levels": text.List(names...)}))
	}
}

// leftovers says what is left on this computer, as far as the customer asked.
func (d *Dialogue) leftovers(e customer.Ended) {
	if e.Journal != "" {
		d.say(text.L("ended.journal"), "  "+text.Plain(e.Journal))
	}
	if e.TranscriptFile != "" {
		d.say("  " + text.Plain(e.TranscriptFile))
	}
	r := e.CleanUp
	if r == nil {
		return
	}
	switch {
	case len(r.Left) > 0:
		d.say(text.L("ended.left"))
	case len(r.Kept) > 0:
		d.say(text.L("ended.kept"))
	default:
		d.say(text.L("ended.clean"))
	}
	for _, list := range [][]cleanup.Note{r.Left, r.Kept} {
		for _, n := range list {
			if n.Path != e.Journal && n.Path != e.TranscriptFile {
				d.say("  " + text.F("ended.note", map[string]any{"path": text.Plain(n.Path), "why": reason(n.Reason)}))
			}
		}
	}
}

// reason says why something is left or kept.
func reason(r cleanup.Reason) string {
	key := "cleanup." + string(r)
	if s := text.L(key); s != key {
		return s
	}
	return text.L("cleanup.failed")
}
