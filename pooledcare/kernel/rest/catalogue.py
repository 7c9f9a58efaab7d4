"""Every kind of problem that the API can return: its address, its status, what it means and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings

ERRORS_PATH = "/api/errors/"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One entry of the error catalogue; `slug` is the last part of the `type` of a problem."""

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str

    @property
    def type(self) -> str:
        """The address that identifies this kind and explains it."""
        return f"{settings.PUBLIC_URL}{ERRORS_PATH}{self.slug}/"


KINDS: dict[str, ProblemKind] = {
    kind.slug: kind
    for kind in [
        ProblemKind(
            "malformed-request",
            400,
            "The request could not be read",
            "The address or the body is not written as HTTP, UTF-8 or the documented format requires.",
            "Compare the request with the example in the documentation. Nothing has changed.",
        ),
        ProblemKind(
            "invalid-parameter",
            400,
            "A parameter of the address is not accepted",
            "A query parameter is unknown, given more than once, or has a value that is not allowed. Unknown "
            "parameters are refused, not ignored, so that a misspelt filter never returns more than was asked for.",
            "The list `errors` names each parameter. Correct or remove it.",
        ),
        ProblemKind(
            "invalid-cursor",
            400,
            "The cursor does not belong to this list",
            "Cursors are signed for one list, one set of filters and one client, and last for a day. This one was "
            "changed, is too old, or was made for another list, other filters or another client.",
            "Start again at the first page, without `cursor`, and follow `next` as it is given.",
        ),
        ProblemKind(
            "invalid-body",
            400,
            "The body is not accepted",
            "The body is not strict JSON, or a field is unknown, missing or not written as documented. Money is a "
            'string such as "1234.50", never a number.',
            "The list `errors` names each field. Nothing has changed.",
        ),
        ProblemKind(
            "idempotency-key-missing",
            400,
            "An Idempotency-Key is needed",
            "Every POST that creates something needs the header Idempotency-Key with 1 to 255 visible ASCII "
            "characters, so that a repeated request has one effect.",
            "Send a fresh random key, such as a UUID, with each new request, and the same key when you repeat it.",
        ),
        ProblemKind(
            "invalid-precondition",
            400,
            "The If-Match header could not be read",
            "If-Match holds one or more entity tags in double quotes, or *.",
            "Send the ETag of the last answer as it was given.",
        ),
        ProblemKind(
            "authentication-required",
            401,
            "A key is needed",
            "This needs an API key in the header Authorization: Bearer. Keys in the address are ignored.",
            "An organisation's members make keys on the page API keys.",
        ),
        ProblemKind(
            "invalid-key",
            401,
            "The key is not accepted",
            "The key is unknown, expired or revoked, or the header is not written as Authorization: Bearer <key>.",
            "Check that the whole key was copied; make a new one if it has expired.",
        ),
        ProblemKind(
            "forbidden",
            403,
            "You may not do this",
            "The key is valid and can see the resource, but it does not have the permission that this needs.",
            "`detail` says which permission or second person is needed.",
        ),
        ProblemKind(
            "not-found",
            404,
            "There is nothing here",
            "The address, or a code in it, does not name anything that this client can see.",
            "Check the address and its final slash. To see what is not published, use a key of its organisation.",
        ),
        ProblemKind(
            "method-not-allowed",
            405,
            "This method is not allowed here",
            "The resource does not support the method. Corrections are made by a new upload or by reversing one, "
            "never by changing or deleting a figure.",
            "The header Allow lists the methods that are supported.",
        ),
        ProblemKind(
            "not-acceptable",
            406,
            "None of the accepted formats is available",
            "The header Accept, or the parameter format, asks for a format that this resource does not have.",
            "Accept application/json, or text/csv on lists.",
        ),
        ProblemKind(
            "refused",
            409,
            "This cannot be done now",
            "The request is well formed and you have the permission, but a rule does not allow it now.",
            "The list `errors` gives each reason. Read the resource again before another attempt.",
        ),
        ProblemKind(
            "in-progress",
            409,
            "The same request is still being worked on",
            "Another request with this Idempotency-Key has not been answered yet.",
            "Repeat the request after the seconds given in Retry-After.",
        ),
        ProblemKind(
            "length-required",
            411,
            "The length of the body is missing",
            "The body was sent in chunks, without the header Content-Length, to a web server that does not read them.",
            "Send the length of the body in bytes in Content-Length. The web server that PooledCare comes with reads "
            "chunks; the people who run this service may be able to use it.",
        ),
        ProblemKind(
            "precondition-failed",
            412,
            "The resource has changed",
            "The version in If-Match is not the current one: the resource has changed since you read it.",
            "Read it again, look at what changed, and repeat the request with its new ETag.",
        ),
        ProblemKind(
            "weak-entity-tag",
            412,
            "If-Match needs a strong ETag",
            "The entity tag in If-Match is weak: it begins with W/. If-Match never matches a weak tag (RFC 9110, "
            "section 13.1.1). PooledCare sends strong tags; a proxy that compresses answers makes them weak.",
            'Send the version that you have seen in quotes, such as "3", or the same tag without W/. To get strong '
            "tags, read the resource with Accept-Encoding: identity.",
        ),
        ProblemKind(
            "too-large",
            413,
            "The body is too large",
            "JSON bodies are limited to 1 MB, files to the size stated in the documentation of uploads.",
            "Send less at a time, or upload a file.",
        ),
        ProblemKind(
            "unsupported-media-type",
            415,
            "The format of the body is not supported",
            "The header Content-Type is missing or names a format that this operation does not read.",
            "Use the content type stated in the documentation of the operation.",
        ),
        ProblemKind(
            "idempotency-key-reused",
            422,
            "The Idempotency-Key was used for another request",
            "A key is for one request. This one was sent within the last week with a different request.",
            "Use a fresh key for each new request.",
        ),
        ProblemKind(
            "precondition-required",
            428,
            "An If-Match header is needed",
            "A change needs the version that you have seen, so that nobody acts on something that has since changed.",
            "Read the resource and send its ETag in If-Match.",
        ),
        ProblemKind(
            "rate-limit-exceeded",
            429,
            "Too many requests",
            "Each key, and each address without a key, has an allowance of requests a minute and of exports at a time.",
            "Wait for the seconds given in Retry-After. The headers RateLimit-Limit, RateLimit-Remaining and "
            "RateLimit-Reset say how much is left.",
        ),
        ProblemKind(
            "internal-error",
            500,
            "Something went wrong on our side",
            "The fault is ours and has been recorded. A request that fails like this has changed nothing, or you can "
            "repeat it safely with the same Idempotency-Key.",
            "Try again; if it persists, tell us the value of `instance`.",
        ),
        ProblemKind(
            "unavailable",
            503,
            "The service is not available at the moment",
            "The database cannot be reached, or the service is being restarted.",
            "Try again after the seconds given in Retry-After.",
        ),
        ProblemKind(
            "storage-full",
            507,
            "The file could not be saved",
            "There is no space left to store files. The file was not saved, and nothing has changed.",
            "Send it again later with the same Idempotency-Key. The people who run the service have been told.",
        ),
    ]
}


def kind_for(status: int) -> ProblemKind:
    """The kind for an HTTP status from outside our own code, or the nearest kind if the status has none of its own."""
    first_of = {kind.status: kind for kind in reversed(KINDS.values())} | {409: KINDS["refused"]}
    if status in first_of:
        return first_of[status]
    return KINDS["internal-error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "malformed-request"]
