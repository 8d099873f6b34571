package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"os"
	"os/exec"

	"assist/app/customer"
	"assist/app/link"
	"assist/app/problem"
	"assist/media/capture"
	"assist/media/hotkey"
	"assist/media/input"
	"assist/media/peer"
	"assist/media/window"
	"assist/signaling"
	"assist/signaling/client"
)

// tlsConfig returns how to check the service, and its TLS relays.
func (c *common) tlsConfig() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	if c.ServiceCA == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(c.ServiceCA)
	if err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authority: no certificate in %s", c.ServiceCA)
	}
	return cfg, nil
}

// wires are the ways to the service and to the other end.
type wires struct {
	service string
	tls     *tls.Config
	out     *wayOut // nil if no service is named
	log     *slog.Logger
	left    *leftovers // nil at the engineer's end
	sight   *sight     // nil at the engineer's end
}

func (w wires) dial(ctx context.Context) (*client.Conn, error) {
	if w.service == "" {
		return nil, problem.New(problem.ServiceAddress, errors.New("assist: no service named"))
	}
	return client.Dial(ctx, client.Config{Service: w.service, TLS: w.tls, Dial: w.out.DialContext, DialTLS: w.out.DialTLS, Log: w.log})
}

// redial reaches the service in the middle of a session.
func (w wires) redial(ctx context.Context) (link.Place, error) { return w.dial(ctx) }

func (w wires) newLink(relays []signaling.Relay) (link.Carrier, error) {
	relays, dialer, err := w.out.relays(relays)
	if err != nil {
		return nil, err
	}
	list := make([]peer.Relay, len(relays))
	for i, r := range relays {
		list[i] = peer.Relay{URL: r.URL, Username: r.Username, Credential: r.Credential}
	}
	l, err := peer.New(peer.Config{Relays: list, Dialer: dialer, TLS: w.tls, Log: w.log})
	if err != nil {
		return nil, err
	}
	return link.Over(l), nil
}

// doors are the customer's ways out of the program. Windows of the processes others are treated as our own.
func (w wires) doors(others ...int) customer.Doors {
	own, err := window.Own(others...)
	if err != nil {
		w.log.Warn("own windows unknown", "error", err)
	}
	w.sight.own = own
	return customer.Doors{
		Dial:        func(ctx context.Context) (customer.Desk, error) { return w.desk(ctx) },
		NewLink:     w.newLink,
		Redial:      w.redial,
		OpenScreen:  capture.Open,
		ScreenThere: capture.There,
		ControlThere: func() error {
			if own == nil {
				return errOwnUnknown
			}
			return nil
		},
		OpenControl: func(onState func(input.State)) (customer.Control, error) {
			return w.openControl(own, onState)
		},
		OwnWindows: func() []image.Rectangle {
			if own == nil {
				return nil
			}
			return own.Rects()
		},
		OpenJournal: w.left.openJournal,
		CleanUp:     w.left.cleanUp,
		GrabPanicKey: func(ctx context.Context, fn func()) (io.Closer, error) {
			return hotkey.Grab(ctx, hotkey.Pause, fn)
		},
	}
}

// errOwnUnknown says that nothing would keep the engineer out of our windows.
var errOwnUnknown = fmt.Errorf("assist: %w: own windows unknown", input.ErrUnsupported)

// openControl opens the way in for the engineer's input. Without knowing which windows are our own there is none: nothing
// would keep the engineer from pressing our buttons.
func (w wires) openControl(own window.Finder, onState func(input.State)) (customer.Control, error) {
	if own == nil {
		return nil, errOwnUnknown
	}
	dog, err := startWatchdog(w.log)
	if err != nil {
		w.log.Warn("no watchdog", "error", err)
	}
	injector, err := input.OpenInjector(input.InjectorOptions{Watch: dog, Log: w.log})
	if err != nil {
		return nil, errors.Join(err, dog.Close())
	}
	chain := input.NewChain(injector, input.ChainOptions{Own: own, OnState: onState, Log: w.log})
	return watched{chain, dog}, nil
}

// startWatchdog starts this program once more, as the one that releases keys when the first dies.
func startWatchdog(log *slog.Logger) (*input.Watchdog, error) {
	exe, err := ownProgram()
	if err != nil {
		return nil, err
	}
	return input.StartWatchdog(exec.Command(exe, "watchdog"), log)
}

// watched is a chain with its watchdog.
type watched struct {
	*input.Chain
	dog *input.Watchdog
}

func (w watched) Close() error { return errors.Join(w.Chain.Close(), w.dog.Close()) }
