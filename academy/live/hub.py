"""The fan-out: hears that the journal grew, reads it once, and hands each fact to the groups that are told of
it.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from uuid import UUID

import psycopg
import structlog

from academy.core.clock import now as clock
from academy.live import reads, rules
from academy.live.reads import Line, Standing
from academy.live.rules import Close, Group, Place, Seen
from academy.live.socket import Socket

PING = 30.0  # seconds between two looks at a silent LISTEN connection, and between two sweeps
CHUNK = 200  # frames handed out at a stretch; fewer than a queue holds, so that a burst alone fills none
LATE = 5.0  # seconds behind the journal after which the hub counts as not caught up
LONGEST_PAUSE = 5.0

log = structlog.get_logger("academy.live")


class Hub:
    """All sockets of this process, by group, and the one reader of the journal."""

    def __init__(self, where: str) -> None:
        """`where`: a psycopg connection string that leads straight to PostgreSQL, not to a transaction
        pooler.
        """
        self.where = where
        self.cursor = 0  # the position last handed out
        self.groups: dict[Group, set[Socket]] = {}
        self.by_key: dict[str, set[Socket]] = {}
        self.changes = 0  # of anybody's membership or right to be here: who enters looks again if it grew meanwhile
        self.door = Line(where, "live door")
        self.delivered = 0
        self.closed: dict[int, int] = {}
        self.listening = False
        self._line = Line(where, "live reads")
        self._grew = asyncio.Event()
        self._behind_since: float | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # -- its life

    async def start(self) -> None:
        """Begin at the journal's present end. Raises psycopg.Error where there is no database."""
        self.cursor = await reads.head(self._line)
        self._tasks = [asyncio.create_task(work()) for work in (self._listen, self._follow, self._sweep_often)]

    async def stop(self) -> None:
        """Let go of the database. The server closes the sockets."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.door.close()
        await self._line.close()

    async def is_up(self) -> bool:
        """Whether it hears of new facts and has handed out all but the latest of them."""
        if not self.listening or any(task.done() for task in self._tasks):
            return False
        return self._behind_since is None or time.monotonic() - self._behind_since < LATE

    # -- who is here

    def __len__(self) -> int:
        return len(self.groups.get(rules.ALL, ()))

    def join(self, socket: Socket, place: Place) -> None:
        """Take a socket into the fan-out: whatever comes after `socket.hi` comes to it."""
        socket.hi = self.cursor
        self.by_key.setdefault(socket.key, set()).add(socket)
        self.place(socket, place)

    def place(self, socket: Socket, place: Place) -> None:
        """Put a socket into the groups of a place in the house, and out of the others."""
        groups = rules.groups_of(socket.person, place)
        for group in socket.groups - groups:
            self._leave_group(group, socket)
        for group in groups - socket.groups:
            self.groups.setdefault(group, set()).add(socket)
        socket.place, socket.groups = place, groups

    def leave(self, socket: Socket) -> None:
        """Forget a socket that is gone."""
        for group in socket.groups:
            self._leave_group(group, socket)
        socket.groups = frozenset()
        keyed = self.by_key.get(socket.key)
        if keyed is not None:
            keyed.discard(socket)
            if not keyed:
                del self.by_key[socket.key]

    def _leave_group(self, group: Group, socket: Socket) -> None:
        members = self.groups.get(group)
        if members is not None:
            members.discard(socket)
            if not members:
                del self.groups[group]

    def of_person(self, person: UUID) -> tuple[Socket, ...]:
        """Every socket of a person."""
        return tuple(self.groups.get(Group(rules.Circle.PERSON, person), ()))

    def end(self, sockets: Iterable[Socket], code: int) -> None:
        """Close sockets; nothing that happens from now on reaches them."""
        for socket in tuple(sockets):
            if socket.closing is None:
                self.closed[code] = self.closed.get(code, 0) + 1
            socket.end(code)
            self.leave(socket)

    # -- following the journal

    async def _follow(self) -> None:
        pause = 0.1
        while True:
            await self._grew.wait()
            self._grew.clear()
            self._behind_since = self._behind_since or time.monotonic()
            try:
                while len(facts := await reads.facts_after(self._line, self.cursor)) == reads.BATCH:
                    await self.hand_out(facts)
                await self.hand_out(facts)
            except psycopg.Error as error:
                log.warning("live.cannot_read", error=str(error), cursor=self.cursor)
                self._grew.set()
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            self._behind_since, pause = None, 0.1

    async def hand_out(self, facts: Iterable[Seen]) -> None:
        """Give facts, in the journal's order, to all who are told of them."""
        served = 0
        for fact in facts:
            self._heed(fact)
            self.cursor = fact.pos
            # Who is told all of it comes first: a socket takes each position once.
            for groups, whole in ((rules.told(fact), True), (rules.hinted(fact), False)):
                text = ""
                for socket in self._in(groups):
                    text = text or rules.frame(fact, with_numbers=whole)
                    self.delivered += socket.push(fact.pos, text)
                    if socket.closing == Close.TOO_SLOW:
                        self.end((socket,), Close.TOO_SLOW)
                    served += 1
                    if served % CHUNK == 0:
                        await asyncio.sleep(0)

    def _in(self, groups: Iterable[Group]) -> Iterator[Socket]:
        for group in groups:
            yield from tuple(self.groups.get(group, ()))

    def _heed(self, fact: Seen) -> None:
        """Memberships begin and end in the journal: move or close the person's sockets at that very place."""
        if fact.kind not in ("member.joined", "member.left") or fact.person is None:
            return
        self.changes += 1
        for socket in self.of_person(fact.person):
            if fact.kind == "member.joined":
                owner = fact.numbers.get("role") == "owner"
                self.place(socket, Place(fact.partner, owner, socket.place.staff))
            elif socket.place.partner == fact.partner:
                self.end((socket,), Close.ENDED)

    # -- hearing of news

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                connection = await reads.connect(self.where, "live listen")
                async with connection:
                    for channel in reads.CHANNELS:
                        await connection.execute(f"listen {channel}")
                    pause = 0.1
                    await self._hear(connection)
            except (psycopg.Error, TimeoutError) as error:
                log.warning("live.listening_broke", error=str(error), again_in=pause)
            finally:
                self.listening = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _hear(self, connection: psycopg.AsyncConnection[object]) -> None:
        self.listening = True
        self._grew.set()  # for what happened while nobody listened
        await self._sweep_all()
        while True:
            async for notice in connection.notifies(timeout=PING):
                if notice.channel == "journal":
                    self._grew.set()
                    continue
                if notice.channel == "live_notices":
                    self._hint(notice.payload)
                    continue
                self.changes += 1
                if notice.channel == "access":
                    await self._ask_again(notice.payload)
                elif ended := rules.ended(notice.payload):
                    self._end_named(ended)
            async with asyncio.timeout(PING):
                await connection.execute("select 1")
            self._grew.set()

    def _hint(self, person: str) -> None:
        """A person's inbox is another: say so to its pages."""
        with suppress(ValueError):
            for socket in self.of_person(UUID(person)):
                if socket.notices:
                    socket.hint(rules.NOTICES)

    def _end_named(self, ended: rules.Ended) -> None:
        if ended.what == "person":
            with suppress(ValueError):
                self.end(self.of_person(UUID(ended.id)), Close.ENDED)
        else:
            self.end(self.by_key.get(f"{ended.what}:{ended.id}", ()), Close.ENDED)

    async def _ask_again(self, person: str) -> None:
        """A person's sessions or rights changed: look which of its sockets may stay, and where."""
        with suppress(ValueError):
            await self._sweep(self.of_person(UUID(person)))

    # -- the sweep: what ended without anybody saying so

    async def _sweep_often(self) -> None:
        while True:
            await asyncio.sleep(PING)
            with suppress(psycopg.Error, TimeoutError):  # the next one comes soon; _follow speaks of the outage
                await self._sweep_all()

    async def _sweep_all(self) -> None:
        await self._sweep(self.groups.get(rules.ALL, ()))

    async def _sweep(self, candidates: Iterable[Socket]) -> None:
        sockets = tuple(candidates)
        if not sockets:
            return
        changes = self.changes
        living = await reads.living_keys(self._line, {socket.key for socket in sockets}, clock())
        people = await reads.people(self._line, {socket.person for socket in sockets})
        for count, socket in enumerate(sockets):
            if count % CHUNK == 0:
                await asyncio.sleep(0)
            if socket.key not in living or not self._may_stay(socket, people.get(socket.person), changes):
                self.end((socket,), Close.ENDED)

    def _may_stay(self, socket: Socket, found: Standing | None, changes: int) -> bool:
        if found is None or not found.active:
            return False
        if socket.mark is not None and socket.mark != found.mark:
            return False
        if found.place == socket.place or self.changes != changes:
            return True  # what the journal said meanwhile may be newer than what the database answered
        if socket.place.partner is not None and found.place.partner != socket.place.partner:
            return False
        self.place(socket, found.place)
        return True
