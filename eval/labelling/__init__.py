"""People judge what runs found: pooled, in the terminal or the browser, written down as they go."""
