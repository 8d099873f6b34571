package system

func init() { readSettings = readMacOS }
