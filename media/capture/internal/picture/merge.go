package picture

import "image"

// MaxParts is the most parts Merge returns: each costs a request to the system.
const MaxParts = 8

// Merge joins rectangles until at most MaxParts are left, first those whose common bounds hold the fewest other pixels. It
// reuses rs. Overlapping rectangles are always joined, so no pixel is shot twice.
func Merge(rs []image.Rectangle) []image.Rectangle {
	if len(rs) > 8*MaxParts {
		rs = rows(rs)
	}
	for {
		bi, bj, least := -1, -1, 0
		for i := range rs {
			for j := i + 1; j < len(rs); j++ {
				extra := area(rs[i].Union(rs[j])) - area(rs[i]) - area(rs[j])
				if rs[i].Overlaps(rs[j]) {
					extra = min(extra, 0)
				}
				if bi < 0 || extra < least {
					bi, bj, least = i, j, extra
				}
			}
		}
		if bi < 0 || least > 0 && len(rs) <= MaxParts {
			return rs
		}
		rs[bi] = rs[bi].Union(rs[bj])
		rs[bj] = rs[len(rs)-1]
		rs = rs[:len(rs)-1]
	}
}

// rows joins many rectangles quickly: all that start in the same band of 32 rows.
func rows(rs []image.Rectangle) []image.Rectangle {
	bands := map[int]image.Rectangle{}
	var order []int
	for _, r := range rs {
		band := r.Min.Y >> 5
		if _, ok := bands[band]; !ok {
			order = append(order, band)
		}
		bands[band] = bands[band].Union(r)
	}
	rs = rs[:0]
	for _, band := range order {
		rs = append(rs, bands[band])
	}
	return rs
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }
