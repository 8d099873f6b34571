//go:build linux

package input_test

import (
	"testing"

	"assist/media/input"
	"assist/media/input/inputtest"
)

func TestX11(t *testing.T) {
	display := inputtest.Display(t)
	inputtest.Run(t, inputtest.Traits{}, func(t *testing.T) (input.Injector, inputtest.Observer) {
		inj, err := input.OpenInjector(input.InjectorOptions{Display: display})
		if err != nil {
			t.Fatal(err)
		}
		return inj, inputtest.NewWindow(t, display)
	})
}

func TestRobotgo(t *testing.T) {
	if !input.HasRobot() {
		t.Skip("this build has no robotgo: it needs the tag x11")
	}
	display := inputtest.Display(t)
	t.Setenv("DISPLAY", display)
	inputtest.Run(t, inputtest.Traits{NoPlaces: true, NoBack: true}, func(t *testing.T) (input.Injector, inputtest.Observer) {
		inj, err := input.OpenRobot()
		if err != nil {
			t.Fatal(err)
		}
		return inj, inputtest.NewWindow(t, display)
	})
}

func TestRecorder(t *testing.T) {
	inputtest.Run(t, inputtest.Traits{}, func(t *testing.T) (input.Injector, inputtest.Observer) {
		r := inputtest.NewRecorder()
		return r, inputtest.NewLog(r)
	})
}
