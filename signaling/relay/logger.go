package relay

import (
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// loggerFactory passes what the TURN library has to say on as debug lines: any stranger can make it complain.
type loggerFactory struct{ log *slog.Logger }

func (f loggerFactory) NewLogger(scope string) logging.LeveledLogger {
	return logger{f.log.With("scope", scope)}
}

type logger struct{ log *slog.Logger }

func (logger) Trace(string)          {}
func (logger) Tracef(string, ...any) {}
func (logger) Debug(string)          {}
func (logger) Debugf(string, ...any) {}

func (l logger) Info(msg string)           { l.log.Debug("turn", "detail", msg) }
func (l logger) Infof(f string, a ...any)  { l.Info(fmt.Sprintf(f, a...)) }
func (l logger) Warn(msg string)           { l.log.Debug("turn warning", "detail", msg) }
func (l logger) Warnf(f string, a ...any)  { l.Warn(fmt.Sprintf(f, a...)) }
func (l logger) Error(msg string)          { l.log.Debug("turn error", "detail", msg) }
func (l logger) Errorf(f string, a ...any) { l.Error(fmt.Sprintf(f, a...)) }
