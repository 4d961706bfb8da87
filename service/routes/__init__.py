"""The doors of HTTP, one file per noun."""
