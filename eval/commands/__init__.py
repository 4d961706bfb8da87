"""One module a command of `fundstelle eval`: parsed options in, exit status out."""
