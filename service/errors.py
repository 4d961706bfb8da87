"""Errors of answering: the AnswerError branch of the tree in corpus/errors.py."""

from __future__ import annotations

from corpus.errors import FundstelleError


class AnswerError(FundstelleError):
    """A question cannot be taken or an answer not be made."""


class InvalidQuestion(AnswerError):
    """The question or one of its parameters passes a limit."""

    code = "invalid_question"
    status = 422
    exit_status = 2
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


class InvalidRequest(AnswerError):
    """A parameter of a request that is neither a question nor a document is malformed."""

    code = "invalid_request"
    status = 422
    exit_status = 2
    title = "Invalid request"
    remedy = "Correct the named field; /openapi.json describes every request."


class InvalidJson(AnswerError):
    """The body is not the JSON, or not the form, that it is said to be."""

    code = "invalid_json"
    status = 400
    title = "Body could not be read"
    remedy = "Send UTF-8 JSON, or a complete multipart form."


class RouteNotFound(AnswerError):
    """Nothing is served at this path."""

    code = "not_found"
    status = 404
    title = "Not found"
    remedy = "See /openapi.json for the paths there are."


class MethodNotAllowed(AnswerError):
    """The path is served, but not for this method."""

    code = "method_not_allowed"
    status = 405
    title = "Method not allowed"
    remedy = "Use a method named in the Allow header."


class UnsupportedContentType(AnswerError):
    """The body's content type is not one this path reads."""

    code = "unsupported_content_type"
    status = 415
    title = "Unsupported content type"
    remedy = "Send the header `Content-Type: application/json`."


class HostNotAllowed(AnswerError):
    """The Host header is not a name of this service, as in DNS rebinding."""

    code = "host_not_allowed"
    status = 421
    title = "Host not allowed"
    remedy = "Use localhost, or add the name to FUNDSTELLE_ALLOWED_HOSTS."


class CrossOriginRefused(AnswerError):
    """Another web site's page tried to change something here."""

    code = "cross_origin_refused"
    status = 403
    title = "Cross-origin request refused"
    remedy = "Call from the service's own pages or from a program; set FUNDSTELLE_API_KEY for other uses."


class Overloaded(AnswerError):
    """More requests wait than can be answered in time."""

    code = "overloaded"
    status = 503
    title = "Overloaded"
    remedy = "Try again after the seconds given in Retry-After."

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after  # seconds


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
