// Package spine holds the test that everything else hangs on: whole sessions in one process, both ends and the
// service between them, with a screen, a keyboard and a network that are made of memory, and a clock that costs
// nothing. It has no code of its own.
package spine
