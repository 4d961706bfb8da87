"""One extractor per media type: bytes in, text with blocks and metadata out."""
