// Package engineer runs the engineer's console: sign-in, codes, and one session at a time from the customer's
// first message to the last.
//
// It opens no window: windows act through [Actions] and are told by [Event] and [Screen]. What the customer's
// end sends is hostile until proved otherwise, and text of the customer's always.
//
//	console.go (commands) -> desk.go (service, codes) -> meet.go (handshake) -> talk.go (session), view.go (picture)
package engineer

import (
	"context"
	"sync"
	"sync/atomic"

	"assist/app/identity"
	"assist/app/mailbox"
	"assist/app/session"
	"assist/app/task"
)

// Console implements [Actions].
type Console struct {
	cfg    Config
	screen Screen
	box    *mailbox.Box[command]
	talk   atomic.Pointer[talk] // the session, if there is one

	// The rest belongs to the goroutine of Run.
	desk    *desk                // nil while signed out
	self    *identity.Session    // who the engineer is, for as long as signed in
	signing *task.Task[*desk]    // a sign-in under way
	back    *task.Task[struct{}] // waits for a service that was lost
	later   sync.WaitGroup       // what goes on after a session
	untold  []untold             // ends of sessions that the service has not been told
}

var _ Actions = (*Console)(nil)

// New returns a Console that waits for [Console.Run].
func New(cfg Config) *Console {
	return &Console{cfg: cfg, box: mailbox.New[command]()}
}

// ShowOn says where the picture of every session goes. It is called once, before Run.
func (c *Console) ShowOn(s Screen) { c.screen = s }

// command is something the engineer did.
type command any

type (
	signIn     struct{ account, password string }
	signOut    struct{}
	newCode    struct{}
	extendCode struct{}
	cancelCode struct{}
	ask        struct{ level session.Access }
	say        struct{ text string }
	show       struct{ display uint8 }
	end        struct{}
	revoked    struct{} // the account was closed
)

func (c *Console) SignIn(account, password string) { c.box.Put(signIn{account, password}) }
func (c *Console) SignOut()                        { c.box.Put(signOut{}) }
func (c *Console) NewCode()                        { c.box.Put(newCode{}) }
func (c *Console) ExtendCode()                     { c.box.Put(extendCode{}) }
func (c *Console) CancelCode()                     { c.box.Put(cancelCode{}) }

func (c *Console) Ask(a session.Access) { c.toTalk(ask{a}) }
func (c *Console) Say(text string)      { c.toTalk(say{text}) }
func (c *Console) ShowDisplay(id uint8) { c.toTalk(show{id}) }
func (c *Console) End()                 { c.toTalk(end{}) }
func (c *Console) toTalk(cmd command) {
	if t := c.talk.Load(); t != nil {
		t.box.Put(cmd)
	}
}

func (c *Console) Key(k Key)         { c.toHands(k) }
func (c *Console) Pointer(p Pointer) { c.toHands(p) }
func (c *Console) Text(s string)     { c.toHands(s) }
func (c *Console) ReleaseAll()       { c.toHands(release{}) }
func (c *Console) toHands(ev any) {
	if t := c.talk.Load(); t != nil && t.reachable.Load() {
		t.hands.Put(ev)
	}
}

// Run serves the console until ctx ends. When it returns, every goroutine it started has returned too.
func (c *Console) Run(ctx context.Context) error {
	defer c.close()
	for {
		var signed, met, over, back <-chan struct{}
		if c.back != nil {
			back = c.back.Done
		}
		if c.signing != nil {
			signed = c.signing.Done
		}
		events, expired := c.desk.watch()
		if c.desk != nil && c.desk.attempt != nil {
			met = c.desk.attempt.Done
		}
		t := c.talk.Load()
		if t != nil {
			over = t.done
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.box.Ready():
			for _, cmd := range c.box.Take() {
				c.obey(ctx, cmd)
			}
		case <-signed:
			c.signedIn(ctx)
		case ev := <-events:
			c.heard(ctx, ev)
		case <-expired:
			c.desk.codeGone(c.cfg.Notify, expiredProblem())
		case <-back:
			c.serviceBack()
		case <-met:
			c.answered(ctx)
		case <-over:
			c.forgetTalk(t)
			c.talkOver(ctx, t)
		}
	}
}

// obey does what the engineer did in a window.
func (c *Console) obey(ctx context.Context, cmd command) {
	switch cmd := cmd.(type) {
	case signIn:
		c.signIn(ctx, cmd)
	case signOut:
		c.leave()
	case newCode:
		if c.talk.Load() == nil {
			c.newCode(ctx)
		}
	case extendCode:
		c.extendCode(ctx)
	case cancelCode:
		c.cancelCode(ctx)
	}
}

// leave signs out.
func (c *Console) leave() {
	c.stopRedial()
	if c.signing != nil {
		if d, err := c.signing.Stop(); err == nil {
			d.close()
		}
		c.signing = nil
	}
	if c.desk != nil {
		c.desk.close()
		c.desk = nil
	}
	c.forgetSelf()
}

// close ends everything and waits for it.
func (c *Console) close() {
	if t := c.talk.Load(); t != nil {
		t.box.Put(end{})
		<-t.done
		c.forgetTalk(t)
	}
	c.leave()
	c.later.Wait()
}
