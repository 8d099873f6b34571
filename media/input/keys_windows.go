package input

func init() { usageFromNative = UsageFromScancode }
