"""What can go wrong in the domain, and the HTTP status each kind has."""


class DomainError(Exception):
    """A rule of the trade says no.

    message: one clear sentence for the user (translatable). field: the path of the input it is
    about, such as "location.point", or "" when it is about the whole.
    """

    code = "refused"

    def __init__(self, message, field: str = "", **extra):
        super().__init__(message)
        self.message = message
        self.field = field
        self.extra = extra


class Invalid(DomainError):
    """The input cannot be understood or breaks a rule."""

    code = "invalid"


class NotAllowed(DomainError):
    """The person may see it but may not do it."""

    code = "not-allowed"


class NotFound(DomainError):
    """There is no such thing, or the viewer may not know of it."""

    code = "not-found"


class Conflict(DomainError):
    """Somebody else was faster, or the state does not allow it."""

    code = "conflict"


class KeyReused(DomainError):
    """The same idempotency key came with another body."""

    code = "key-reused"


class Unavailable(DomainError):
    """Another service that is needed does not answer."""

    code = "unavailable"


class TooMany(DomainError):
    """More often than is allowed."""

    code = "too-many"


STATUS = {
    Invalid: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    KeyReused: 422,
    Unavailable: 503,
    TooMany: 429,
}


def status_of(error: DomainError) -> int:
    """HTTP status of a domain error; 400 for a kind that has no row of its own."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
