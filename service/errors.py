"""Errors of answering: the AnswerError branch of the tree in corpus/errors.py."""

from __future__ import annotations

from corpus.errors import FundstelleError


class AnswerError(FundstelleError):
    """A question cannot be taken or an answer not be made."""


class InvalidQuestion(AnswerError):
    """The question or one of its parameters passes a limit."""

    code = "invalid_question"
    status = 422
    title = "Invalid question"
    remedy = "Correct the named field."


class Unauthorized(AnswerError):
    """The API key is missing or wrong."""

    code = "unauthorized"
    status = 401
    title = "API key needed"
    remedy = "Send the key as `Authorization: Bearer KEY`."


class BodyTooLarge(AnswerError):
    """The request's body passes the limit."""

    code = "body_too_large"
    status = 413
    title = "Body too large"
    remedy = "Send less at once, or raise FUNDSTELLE_MAX_BODY_BYTES."


class Overloaded(AnswerError):
    """More requests wait than can be answered in time."""

    code = "overloaded"
    status = 503
    title = "Overloaded"
    remedy = "Try again after the seconds given in Retry-After."


class LanguageModelUnavailable(AnswerError):
    """The configured language model does not answer."""

    code = "language_model_unavailable"
    status = 502
    title = "Language model unavailable"
    remedy = "Check FUNDSTELLE_LLM_URL; the extractive answer needs no language model."


class LanguageModelTimeout(AnswerError):
    """The configured language model answers too slowly."""

    code = "language_model_timeout"
    status = 504
    title = "Language model too slow"
    remedy = "Raise FUNDSTELLE_LLM_TIMEOUT, or do without a language model."
