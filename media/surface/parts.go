package surface

import "image"

// maxParts is how many changed parts are kept apart.
const maxParts = 64

// join makes at most maxParts of parts, which it may change: it puts neighbours together that make a
// rectangle, and then, if that is not enough, ones that come one after the other. Changes come in reading order, so these are near
// each other.
func join(parts []image.Rectangle) []image.Rectangle {
	kept := parts[:0]
	for _, r := range parts {
		if n := len(kept); n > 0 && stacked(kept[n-1], r) {
			kept[n-1] = kept[n-1].Union(r)
		} else if !r.Empty() {
			kept = append(kept, r)
		}
	}
	for len(kept) > maxParts {
		n := 0
		for i := 0; i < len(kept); i += 2 {
			kept[n] = kept[i]
			if i+1 < len(kept) {
				kept[n] = kept[n].Union(kept[i+1])
			}
			n++
		}
		kept = kept[:n]
	}
	return kept
}

// stacked reports whether two parts make a rectangle together, or one lies in the other.
func stacked(a, b image.Rectangle) bool {
	if b.In(a) || a.In(b) {
		return true
	}
	if a.Min.X == b.Min.X && a.Max.X == b.Max.X {
		return a.Min.Y <= b.Max.Y && b.Min.Y <= a.Max.Y
	}
	return a.Min.Y == b.Min.Y && a.Max.Y == b.Max.Y && a.Min.X <= b.Max.X && b.Min.X <= a.Max.X
}

// fitting is parts, or one that contains them all if they have more pixels together than room.
func fitting(parts []image.Rectangle, room int) []image.Rectangle {
	var all image.Rectangle
	pixels := 0
	for _, r := range parts {
		all = all.Union(r)
		pixels += r.Dx() * r.Dy()
	}
	if pixels > room {
		return append(parts[:0], all)
	}
	return parts
}
