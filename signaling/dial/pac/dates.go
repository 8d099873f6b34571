package pac

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	months   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
)

// inZone takes the word GMT off the end of the arguments.
func inZone(now time.Time, args []string) (time.Time, []string) {
	if n := len(args); n > 0 && strings.EqualFold(args[n-1], "GMT") {
		return now.UTC(), args[:n-1]
	}
	return now, args
}

// within reports whether x is from a to b. A range that ends before it begins goes round.
func within(x, a, b int) bool {
	if a <= b {
		return a <= x && x <= b
	}
	return x >= a || x <= b
}

func weekdayRange(now time.Time, args []string) bool {
	now, args = inZone(now, args)
	var days []int
	for _, a := range args {
		i := slices.Index(weekdays, strings.ToUpper(a))
		if i < 0 {
			return false
		}
		days = append(days, i)
	}
	switch today := int(now.Weekday()); len(days) {
	case 1:
		return today == days[0]
	case 2:
		return within(today, days[0], days[1])
	}
	return false
}

// timeRange is of hours, of hours and minutes, or of hours, minutes and seconds. The end belongs to it.
func timeRange(now time.Time, args []string) bool {
	now, args = inZone(now, args)
	var n []int
	for _, a := range args {
		i, err := strconv.Atoi(a)
		if err != nil || i < 0 || i > 60 {
			return false
		}
		n = append(n, i)
	}
	h, m, s := now.Clock()
	switch len(n) {
	case 1:
		return h == n[0]
	case 2:
		return within(h, n[0], n[1])
	case 4:
		return within(h*60+m, n[0]*60+n[1], n[2]*60+n[3])
	case 6:
		return within((h*60+m)*60+s, (n[0]*60+n[1])*60+n[2], (n[3]*60+n[4])*60+n[5])
	}
	return false
}

// field is which part of a date an argument is.
type field int

const (
	none field = iota
	day
	month
	year
)

// dateField reads one argument: a day, a month's name or a year.
func dateField(s string) (field, int) {
	if i := slices.Index(months, strings.ToUpper(s)); i >= 0 {
		return month, i
	}
	const lastDay, lastYear = 31, 9999
	switch n, err := strconv.Atoi(s); {
	case err != nil || n < 1 || n > lastYear:
		return none, 0
	case n <= lastDay:
		return day, n
	default:
		return year, n
	}
}

// dateRange is of any of day, month and year: a date, or one for the begin and one for the end.
func dateRange(now time.Time, args []string) bool {
	now, args = inZone(now, args)
	kinds, values := make([]field, len(args)), make([]int, len(args))
	for i, a := range args {
		if kinds[i], values[i] = dateField(a); kinds[i] == none {
			return false
		}
	}
	half := len(args) / 2
	if repeats(kinds) { // a begin and an end
		if len(args)%2 != 0 || repeats(kinds[:half]) || !slices.Equal(kinds[:half], kinds[half:]) {
			return false
		}
	} else { // one date is both
		half = len(args)
		values = append(values, values...)
	}
	today := map[field]int{day: now.Day(), month: int(now.Month()) - 1, year: now.Year()}
	weight := map[field]int{day: 1, month: 100, year: 10000}
	var x, a, b int
	for i, kind := range kinds[:half] {
		x, a, b = x+weight[kind]*today[kind], a+weight[kind]*values[i], b+weight[kind]*values[half+i]
	}
	if slices.Contains(kinds, year) && a > b {
		return false // years do not go round
	}
	return half > 0 && within(x, a, b)
}

// repeats reports whether a kind is there twice.
func repeats(kinds []field) bool {
	for i, k := range kinds {
		if slices.Contains(kinds[:i], k) {
			return true
		}
	}
	return false
}
