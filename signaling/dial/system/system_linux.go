package system

func init() { readSettings = readGNOME }
