"""A small HTTP client that asks the same page again and again over a few kept connections."""

import asyncio
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """How one round went."""

    a_second: float
    p50: float
    p99: float
    best: float
    size: int


def ask(port: int, path: str, *, cookie: str = "", seconds: float = 5.0, connections: int = 4) -> Asked:
    """Ask for so long; milliseconds."""
    return asyncio.run(_ask(port, path, cookie, seconds, connections))


async def _ask(port: int, path: str, cookie: str, seconds: float, connections: int) -> Asked:
    until = time.perf_counter() + seconds
    taken: list[float] = []
    sizes: set[int] = set()
    lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{port}", "Accept: text/html"]
    request = "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            writer.write(request)
            size = await _answer(reader)
            taken.append((time.perf_counter() - began) * 1000)
            sizes.add(size)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    passed = time.perf_counter() - began
    cuts = statistics.quantiles(taken, n=100)
    return Asked(len(taken) / passed, cuts[49], cuts[98], min(taken), max(sizes))


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    if " 200 " not in head.partition("\r\n")[0]:
        raise RuntimeError(head)
    fields = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n"))
    }
    if "content-length" in fields:
        return len(await reader.readexactly(int(fields["content-length"])))
    size = 0
    while length := int((await reader.readline()).strip() or b"0", 16):
        size += len(await reader.readexactly(length))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return size
