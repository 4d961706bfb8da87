"""The commands of `fundstelle`, one file per noun; each is imported only when it runs."""
