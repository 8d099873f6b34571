package text

import (
	"fmt"
	"strings"
	"time"
)

// Join writes sentences one after the other, as the language does: with a space between them, or none.
func Join(sentences ...string) string {
	if Language() == "ja" {
		return strings.Join(sentences, "")
	}
	return strings.Join(sentences, " ")
}

// List writes the names of several things one after the other.
func List(names ...string) string {
	if Language() == "ja" {
		return strings.Join(names, "、")
	}
	return strings.Join(names, ", ")
}

// Clock writes a time that is left or has gone by as "4:59", from an hour on as "1:04:59". A part of a second
// that is left counts as a whole one, so a countdown shows 0:00 only when it is over; less than none is 0:00.
func Clock(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	s := int64((d + time.Second - 1) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Elapsed writes a time gone by as "04:59", from an hour on as "1:04:59", in whole seconds that are over.
func Elapsed(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	s := int64(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Time writes the time of day of t where the reader is: "14:05".
func Time(t time.Time) string { return t.Local().Format("15:04") }

// Date writes the day of t where the reader is: "22 November 2026", "2026年11月22日".
func Date(t time.Time) string {
	if Language() == "ja" {
		return t.Local().Format("2006年1月2日")
	}
	return t.Local().Format("2 January 2006")
}
