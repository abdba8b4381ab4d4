"""No test reaches further than this machine: Python's sockets refuse anything but loopback and unix
sockets.
"""

import socket
from ipaddress import ip_address
from typing import Any

LOCAL = {"", "localhost", "testserver"}
_connect, _connect_ex, _look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


class FarAwayError(AssertionError):
    """A test tried to leave this machine."""


def _is_near(host: object) -> bool:
    if host is None or host in LOCAL:
        return True
    try:
        return ip_address(str(host, "ascii") if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _check(one: socket.socket, address: Any) -> None:
    if one.family in (socket.AF_INET, socket.AF_INET6) and not _is_near(address[0]):
        raise FarAwayError(f"This test wants to reach {address[0]}. Tests use nothing but this machine.")


def _guarded_connect(one: socket.socket, address: Any) -> None:
    _check(one, address)
    _connect(one, address)


def _guarded_connect_ex(one: socket.socket, address: Any) -> int:
    _check(one, address)
    return _connect_ex(one, address)


def _guarded_look_up(host: Any, *rest: Any, **more: Any) -> Any:
    if not _is_near(host):
        raise FarAwayError(f"This test wants to look up {host}. Tests use nothing but this machine.")
    return _look_up(host, *rest, **more)


def keep_off() -> None:
    """From here on. Repeating it changes nothing."""
    socket.socket.connect = _guarded_connect  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = _guarded_connect_ex  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = _guarded_look_up
