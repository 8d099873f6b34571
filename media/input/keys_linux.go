package input

func init() { usageFromNative = UsageFromX11 }
