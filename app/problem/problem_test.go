package problem

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	cause := errors.New("cause")
	for _, tt := range []struct {
		name string
		err  error
		want Code
	}{
		{"itself", New(LinkLost, cause), LinkLost},
		{"wrapped", fmt.Errorf("customer: %w", New(LinkLost, cause)), LinkLost},
		{"the outer one", New(RelayUnreachable, New(LinkLost, cause)), RelayUnreachable},
		{"joined", errors.Join(cause, New(CodeWrong, nil)), CodeWrong},
		{"another error", cause, Internal},
		{"none", nil, Internal},
	} {
		if got := Of(tt.err); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if !errors.Is(New(LinkLost, cause), cause) {
		t.Error("the cause is lost")
	}
}

func TestLog(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, nil))
	log.Info("a", "problem", New(LinkLost, errors.New("cause")))
	log.Info("b", "problem", New(CodeWrong, nil))
	for _, want := range []string{"problem.code=link-lost", "problem.cause=cause", "problem=code-wrong"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in %s", want, b.String())
		}
	}
	if New(CodeWrong, nil).Error() == "" {
		t.Error("a problem without a cause says nothing")
	}
}

// TestCodesIsComplete holds the list against the constants.
func TestCodesIsComplete(t *testing.T) {
	tree, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[Code]int{}
	for _, c := range Codes() {
		listed[c]++
	}
	var constants int
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		constants++
		c := Code(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
		if listed[c] != 1 {
			t.Errorf("%s is listed %d times", c, listed[c])
		}
		return true
	})
	if constants != len(listed) {
		t.Errorf("%d constants, %d codes listed", constants, len(listed))
	}
}
