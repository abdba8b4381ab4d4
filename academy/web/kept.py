"""Parts of pages kept in this process, each under everything it depends on; a changed dependency is another key."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from markupsafe import Markup

MOST = 2_000  # some 15 KB each: at most 30 MB a process

_parts: OrderedDict[Hashable, Markup] = OrderedDict()
_lock = threading.Lock()


def kept(key: Hashable, make: Callable[[], Markup]) -> Markup:
    """The part under this key, made if it is not here. Two threads may make it twice; both make the same."""
    with _lock:
        found = _parts.get(key)
        if found is not None:
            _parts.move_to_end(key)
            return found
    made = make()
    with _lock:
        _parts[key] = made
        while len(_parts) > MOST:
            _parts.popitem(last=False)
    return made


def forget() -> None:
    """Drop everything, as a new process would begin."""
    with _lock:
        _parts.clear()
