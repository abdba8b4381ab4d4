"""Texts kept in this process, each under everything it depends on; a changed dependency is another key.

A text is kept as a str, or as whatever else has a length and is never changed, such as a page cut at its holes.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sized
from typing import TypeVar, cast

T = TypeVar("T", bound=Sized)

MOST = 30_000_000  # characters, a whole page having some 20,000

_texts: OrderedDict[Hashable, Sized] = OrderedDict()
_size = 0
_lock = threading.Lock()


def kept(key: Hashable, make: Callable[[], T], *, fit: Callable[[], bool] = lambda: True) -> T:
    """The text under this key, made if it is not here. Two threads may make it twice; both make the same.

    `fit` says of a text that was just made whether it may be kept.
    """
    with _lock:
        found = _texts.get(key)
        if found is not None:
            _texts.move_to_end(key)
            return cast(T, found)
    made = make()
    if fit():
        with _lock:
            _keep(key, made)
    return made


def _keep(key: Hashable, made: Sized) -> None:
    """Keep a text, and let go of what was not asked for the longest."""
    global _size  # noqa: PLW0603 - how much is kept here, guarded by the lock
    _size += len(made) - len(_texts.pop(key, ""))
    _texts[key] = made
    while _size > MOST:
        _size -= len(_texts.popitem(last=False)[1])


def forget(template: str | None = None) -> None:
    """Drop everything, as a new process would begin; or only what was made of one template, as when something happened.

    A key begins with the name of its template.
    """
    global _size  # noqa: PLW0603 - as above
    with _lock:
        gone = [key for key in _texts if template is None or (isinstance(key, tuple) and key[0] == template)]
        for key in gone:
            _size -= len(_texts.pop(key))
