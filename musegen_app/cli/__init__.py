"""The terminal: a table of commands, one file a command. No Qt."""
