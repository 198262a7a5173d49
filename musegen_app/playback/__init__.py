"""Playing the score on time: schedule, engine (a child process) and its client."""
