package main

// demoCmd plays a whole session on this machine.
type demoCmd struct {
	Server   string `help:"The service's program." default:"assist-server" placeholder:"FILE"`
	Out      string `help:"Folder for pictures of both ends." type:"path" default:"out" placeholder:"DIR"`
	Headless bool   `help:"Make displays of its own and let a robot play, even if there is a display."`
	Language string `help:"Language of the windows: en or ja." enum:"en,ja" default:"en"`
	Keep     bool   `help:"Keep the logs and other files of the programs."`
}
