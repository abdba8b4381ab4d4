"""Refusals. An action says no by raising one of these; one middleware turns it into a page or a problem document."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self


class Text(str):
    """A sentence in English with what is put into it, so that it can still be said in another language at the edge.

    `Text("%(goal)s is not a tier.", goal=slug)` reads as the whole sentence wherever a text is wanted; `message` and
    `values` are what a translator and the page need. For places that know no language: rules, core, actions.
    """

    __slots__ = ("message", "values")
    message: str
    values: Mapping[str, object]

    def __new__(cls, message: str, **values: object) -> Self:
        made = super().__new__(cls, message % values if values else message)
        made.message, made.values = message, values
        return made


class Refused(Exception):
    """A sentence that a person can act on, with the HTTP status it means.

    `code` is a stable word for machines; `fields` maps a form field to its own sentence. A sentence with something put
    into it is a `Text`, unless it is in the reader's language already.
    """

    status = 422
    code = "refused"

    def __init__(self, sentence: str, *, fields: Mapping[str, str] | None = None, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fields = dict(fields or {})
        self.code = code or self.code


class Wrong:
    """What is wrong with a form, gathered, so that each field is told of at once.

    wrong = Wrong()
    with wrong.gathered():
        value = parse(amount)
    with wrong.gathered():
        day = parse_day(month)
    wrong.tell()  # from here on all of them are there
    """

    def __init__(self) -> None:
        self.refused: list[Refused] = []

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Keep what is refused of a field; whatever else is refused is raised at once."""
        try:
            yield
        except Refused as refused:
            if not refused.fields:
                raise
            self.refused.append(refused)

    def tell(self) -> None:
        """Raise the first, with what is wrong with every other field beside it; nothing where nothing is wrong."""
        if not self.refused:
            return
        first, *others = self.refused
        for other in others:
            first.fields |= {name: said for name, said in other.fields.items() if name not in first.fields}
        raise first


class NotFound(Refused):
    """There is no such thing, or it is not the caller's: the two are the same to the outside."""

    status = 404
    code = "not_found"

    def __init__(self, sentence: str = "There is nothing here, or it is not yours to see.") -> None:
        super().__init__(sentence)


class Forbidden(Refused):
    """The caller may see the thing but not do this to it."""

    status = 403
    code = "forbidden"

    def __init__(self, sentence: str = "Your role does not allow this.") -> None:
        super().__init__(sentence)


class Conflict(Refused):
    """The thing is not in a state in which this can be done."""

    status = 409
    code = "conflict"


class SignInNeeded(Refused):
    """Nobody is signed in."""

    status = 401
    code = "sign_in_needed"

    def __init__(self, sentence: str = "Sign in first.") -> None:
        super().__init__(sentence)
