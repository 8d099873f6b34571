package main

import (
	"errors"
	"io"
	"log"
	"os"

	"github.com/jezek/xgb"
)

// displayThere reports why no window can be shown, if so: the window library would end the program without a word.
func displayThere() error {
	if os.Getenv("DISPLAY") == "" {
		return errors.New("assist: no DISPLAY")
	}
	xgb.Logger = log.New(io.Discard, "", 0)
	conn, err := xgb.NewConn()
	if err != nil {
		return err
	}
	conn.Close()
	return nil
}
