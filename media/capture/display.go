package capture

// findDisplay returns the ID of the display with this name, or that of the first.
func findDisplay(ds []Display, name string) uint8 {
	for _, d := range ds {
		if d.Name == name {
			return d.ID
		}
	}
	return 0
}
