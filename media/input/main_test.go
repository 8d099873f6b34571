package input_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"assist/media/input"
)

// roleVar makes the test program another program: see watchdog_test.go.
const roleVar = "ASSIST_INPUT_TEST_ROLE"

func TestMain(m *testing.M) {
	if run := roles[os.Getenv(roleVar)]; run != nil {
		if err := run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m,
		// robotgo's connection ends some time after it was closed
		goleak.IgnoreAnyFunction("github.com/jezek/xgb.(*Conn).generateXIds"),
		goleak.IgnoreAnyFunction("github.com/jezek/xgb.(*Conn).generateSeqIds"),
		goleak.IgnoreAnyFunction("github.com/jezek/xgb.(*Conn).sendRequests"),
		goleak.IgnoreAnyFunction("github.com/jezek/xgb.(*Conn).readResponses"))
}

// roles are what the test program can be besides a test.
var roles = map[string]func() error{"watchdog": input.WatchdogMain}
