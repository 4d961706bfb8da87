"""One Citation, rendered for each front end: pure functions from an answer to what that front end reads."""
