package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"assist/signaling"
)

// relayCommand is relay: a relay alone, for another region.
type relayCommand struct {
	Config string `required:"" type:"path" help:"Configuration file. Its relay_secret_file is what the service has as secret_file of this relay; each other relay is a [[relay]] without urls."`
}

// Run serves until it is told to end.
func (r *relayCommand) Run(ctx context.Context, t terminal) error {
	c, err := readAs(r.Config, config{alone: true})
	if err != nil {
		return err
	}
	if c.RelaySecretFile == "" {
		return errors.New("relay_secret_file is missing: the secret that the service has, too")
	}
	log := newLog(t.err)
	return serveRelay(ctx, c, log)
}

func serveRelay(ctx context.Context, c config, log *slog.Logger) error {
	secret, err := readSecret(c.RelaySecretFile)
	if err != nil {
		return err
	}
	conf, _, err := certificateOf(c, log)
	if err != nil {
		return err
	}
	own, err := openRelay(c, conf, secret, log)
	if err != nil {
		return err
	}
	h := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			switch {
			case q.Method == http.MethodGet && q.URL.EscapedPath() == signaling.RelayPath && q.URL.RawQuery == "":
				own.ServeHTTP(w, q)
			case q.Method == http.MethodGet && (q.URL.EscapedPath() == "/livez" || q.URL.EscapedPath() == "/readyz"):
				_, _ = w.Write([]byte("ok\n"))
			default:
				http.NotFound(w, q)
			}
		}),
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      30 * time.Second, // a WebSocket is taken out of this
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(own.HTTP()) }()
	log.Info("relaying", "addrs", own.Addrs())
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = h.Close()
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, own.Close())
}
