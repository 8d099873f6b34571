package main

import (
	"context"
	"log/slog"

	"assist/signaling"
	"assist/signaling/client"
	"assist/signaling/dial"
)

// place is a place at the service that finds out which relays are near before one is used. It does so while people wait for each
// other anyway, and only where there are several.
type place struct {
	*client.Conn
	out *dial.Dialer
	log *slog.Logger
}

// desk reaches the service.
func (w wires) desk(ctx context.Context) (place, error) {
	c, err := w.dial(ctx)
	if err != nil {
		return place{}, err
	}
	return place{c, w.out.dial(), w.log}, nil
}

// Hello greets the service as a customer's app.
func (p place) Hello(ctx context.Context) (signaling.Welcome, error) {
	w, err := p.Conn.Hello(ctx)
	if err == nil {
		w.Relays = p.arrange(ctx, w.Relays)
	}
	return w, err
}

// SignIn signs an engineer in.
func (p place) SignIn(ctx context.Context, account, password string) (client.Account, error) {
	a, err := p.Conn.SignIn(ctx, account, password)
	if err == nil {
		a.Relays = p.arrange(ctx, a.Relays)
	}
	return a, err
}

// arrange puts relays in the order that the service gives them, once it knows how far away they are.
func (p place) arrange(ctx context.Context, relays []signaling.Relay) []signaling.Relay {
	times := p.out.Measure(ctx, relays)
	if times == nil {
		return relays
	}
	names, err := p.Measured(ctx, times)
	if err != nil {
		p.log.Info("relays not compared", "error", err)
		return relays
	}
	p.log.Info("relays compared", "order", names)
	return signaling.Arrange(relays, names)
}
