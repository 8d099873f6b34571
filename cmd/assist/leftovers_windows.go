package main

func init() { settingsHome, nowhere = "USERPROFILE", "NUL" }
