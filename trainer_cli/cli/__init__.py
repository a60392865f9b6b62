"""The command line, one command per file: parse, call the action, render what it returns."""
