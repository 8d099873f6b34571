package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"assist/signaling/dial"
	"assist/ui/text"
)

// errNoTerminal says that nobody can be asked.
var errNoTerminal = errors.New("assist: not a terminal")

// asker asks for a proxy's login in the terminal in, with the question on out. It is nil where in is no terminal.
func asker(in *os.File, out io.Writer) asking {
	restore, err := hideTyping(in)
	if err != nil {
		return nil
	}
	restore()
	return func(ctx context.Context, l dial.ProxyLogin) (user, password string, err error) {
		fmt.Fprintln(out, loginQuestion(l))
		if user, err = typed(ctx, in, out, text.L("network.login.user"), false); err != nil {
			return "", "", err
		}
		password, err = typed(ctx, in, out, text.L("network.login.password"), true)
		return user, password, err
	}
}

// loginQuestion says which proxy wants a login, and who else sees the password.
func loginQuestion(l dial.ProxyLogin) string {
	lines := []string{text.F("network.login.ask", map[string]any{"proxy": text.Plain(proxyAddress(l))})}
	if l.Again {
		lines = append([]string{text.L("network.login.again")}, lines...)
	}
	if l.Clear {
		lines = append(lines, text.L("network.login.clear"))
	}
	return strings.Join(lines, "\n")
}

// typed reads one line. A password is not shown. Where ctx ends, the line that is typed then is lost.
func typed(ctx context.Context, in *os.File, out io.Writer, prompt string, hidden bool) (string, error) {
	fmt.Fprintf(out, "%s: ", prompt)
	if hidden {
		restore, err := hideTyping(in)
		if err != nil {
			return "", err
		}
		defer fmt.Fprintln(out)
		defer restore()
	}
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		const longest = 1 << 10
		s, err := bufio.NewReader(io.LimitReader(oneByOne{in}, longest)).ReadString('\n')
		read <- line{strings.TrimRight(s, "\r\n"), err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case l := <-read:
		if l.err != nil {
			return "", errNoTerminal
		}
		return l.text, nil
	}
}

// oneByOne reads no byte more than was asked for: the next line belongs to the next question.
type oneByOne struct{ r io.Reader }

func (o oneByOne) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return o.r.Read(p[:1])
}
