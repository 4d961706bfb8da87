"""Is it good? Measurements over the other three packages; imported by none of them."""
