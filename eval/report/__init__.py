"""The report: one HTML file that needs nothing else, made to be read by a person."""
