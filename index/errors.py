"""Errors of the derived indexes: the RetrievalError branch of the tree in corpus/errors.py."""

from __future__ import annotations

from corpus.errors import FundstelleError


class RetrievalError(FundstelleError):
    """Something derived is missing, damaged or does not fit."""

    status = 503


class IndexNotBuilt(RetrievalError):
    """There is no generation to search yet."""

    code = "index_not_built"
    title = "Index not built"
    remedy = "Run `fundstelle rebuild`."


class IndexMismatch(RetrievalError):
    """The index was built by another encoder than the one configured."""

    code = "index_mismatch"
    title = "Index and encoder differ"
    remedy = "Run `fundstelle rebuild` to encode the passages again, or set the former encoder."


class IndexCorrupt(RetrievalError):
    """A file of the index does not match its checksum."""

    code = "index_corrupt"
    title = "Index damaged"
    remedy = "Run `fundstelle rebuild`; the store is not affected."


class PackDamaged(RetrievalError):
    """A word list of the language pack, or a dictionary that is set, cannot be read."""

    code = "pack_damaged"
    title = "Word list damaged"
    remedy = "Install Fundstelle again; for a dictionary of your own, check FUNDSTELLE_DICTIONARY."


class EncoderUnavailable(RetrievalError):
    """The encoder cannot be loaded."""

    code = "encoder_unavailable"
    title = "Encoder unavailable"
    remedy = "Check FUNDSTELLE_ENCODER: a folder in sentence-transformers format, or a model name that can be reached."
