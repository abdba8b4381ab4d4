"""Courses that need each other: circles, and paths that turn the order around."""

from collections.abc import Iterator, Mapping, Sequence

Needs = Mapping[str, tuple[str, ...]]


def cycle_of(start: str, needs: Needs) -> list[str] | None:
    """The shortest way from a course over its prerequisites back to itself; None when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for uid in needs.get(way[-1], ()):
            if uid == start:
                return way
            if uid not in seen:
                seen.add(uid)
                ways.append([*way, uid])
    return None


def out_of_order(courses: Sequence[str], needs: Needs) -> Iterator[tuple[int, str]]:
    """Places in a path whose course needs one that only comes later, each with that later course."""
    for index, uid in enumerate(courses):
        later = set(courses[index + 1 :]) - {uid}
        for needed in _everything_needed(uid, needs):
            if needed in later:
                yield index, needed
                break


def _everything_needed(uid: str, needs: Needs) -> list[str]:
    found = list(needs.get(uid, ()))
    for needed in found:
        found += [further for further in needs.get(needed, ()) if further not in found]
    return found
