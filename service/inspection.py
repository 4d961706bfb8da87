"""What a data folder holds and whether it can answer, found without loading a model or an index."""
