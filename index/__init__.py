"""Where may it be? Encoder, dense and lexical indexes, fusion: derived from the corpus and rebuildable."""
