package cleanup

func init() { running = runningPath }
