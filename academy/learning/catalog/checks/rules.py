"""What must hold of a catalogue before anything of it is written. Every refusal is a sentence with file and line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from academy.learning.catalog.markdown.rules import active_in
from academy.learning.catalog.order.rules import cycle_of, out_of_order
from academy.learning.catalog.questions.rules import quiz_problems
from academy.learning.catalog.rules import (
    ARTICLE,
    FILE,
    FILM,
    LESSON_KINDS,
    LEVELS,
    LINK,
    QUIZ,
    VIDEO,
    Catalogue,
    CourseDraft,
    ItemDraft,
    LessonDraft,
    ModuleDraft,
    PathDraft,
    Place,
    Problem,
    ResourceDraft,
)

MOST_UID, MOST_SLUG, MOST_TITLE, MOST_WORD, MOST_NAME = 300, 120, 200, 60, 120
MOST_MINUTES = 480
MOST_TEXT = 200_000  # characters; a book's chapter has a quarter of it
MOST_ATTACHMENT = 5 * 1024 * 1024
MOST_FILM = 16 * 1024 * 1024  # longer films stand elsewhere, under their url
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,6})?")
ADDRESS = re.compile(r"https?://[^\s<>\"]+")

Known = Mapping[str, tuple[str, ...]]  # uids of courses that the academy has already, with their prerequisites
NONE_KNOWN: Known = {}


def problems_of(catalogue: Catalogue, *, known: Known = NONE_KNOWN) -> list[Problem]:
    """Everything that is wrong with a catalogue, by file and line; empty when it can be published.

    `known` are courses that stand in the academy and that this import leaves alone: they may be referred to.
    """
    found = [
        *_repeated_items(catalogue.items()),
        *(problem for item in catalogue.items() for problem in _item(item)),
        *(problem for course in catalogue.courses for problem in _course(course)),
        *(problem for resource in catalogue.resources for problem in _resource(resource)),
        *_references(catalogue, known),
    ]
    if not catalogue.items():
        found.append(Problem("", 1, "There is no course, path or resource here."))
    return sorted(set(found), key=lambda problem: (problem.file, problem.line, problem.reason))


def _repeated_items(items: Iterable[ItemDraft]) -> Iterator[Problem]:
    first: dict[str, ItemDraft] = {}
    for item in items:
        if item.uid in first:
            where = first[item.uid].place
            yield item.place.problem(f"The id “{item.uid}” is used twice; it is first in {where.file}.", "uid")
        first.setdefault(item.uid, item)


def _item(item: ItemDraft) -> Iterator[Problem]:
    yield from _names(item.place, item.uid, item.title, item.slug)
    if item.level and item.level not in LEVELS:
        yield item.place.problem(f"The level “{item.level}” is not one of {', '.join(LEVELS)}.", "level")
    if len(item.language) > 10 or not LANGUAGE.fullmatch(item.language):
        yield item.place.problem(f"“{item.language}” is not a language code such as en or pt-BR.", "language")
    if item.family and (len(item.family) > 30 or not SLUG.fullmatch(item.family)):
        yield item.place.problem(f"The family “{item.family}” is not a short word in lower case.", "family")
    yield from _words(item.place, "skills", item.skills)
    yield from _words(item.place, "tags", item.tags)


def _names(place: Place, uid: str, title: str, slug: str) -> Iterator[Problem]:
    if not 0 < len(uid) <= MOST_UID or not uid.isprintable():
        yield place.problem(f"The id is empty, longer than {MOST_UID} characters or not printable.", "uid")
    if not title:
        yield place.problem("There is no title.", "title")
    elif len(title) > MOST_TITLE:
        yield place.problem(f"The title has {len(title)} characters; {MOST_TITLE} are the most.", "title")
    if len(slug) > MOST_SLUG or not SLUG.fullmatch(slug):
        yield place.problem(f"“{slug[:60]}” is not a name in lower case, digits and single dashes.", "slug")


def _words(place: Place, part: str, words: Sequence[str]) -> Iterator[Problem]:
    for index, word in enumerate(words):
        if len(word) > MOST_WORD or not SLUG.fullmatch(word):
            reason = f"“{word[:60]}” among the {part} is not a word in lower case with dashes."
            yield place.problem(reason, f"{part}.{index}")
        elif word in words[:index]:
            yield place.problem(f"“{word}” stands twice among the {part}.", f"{part}.{index}")


def _course(course: CourseDraft) -> Iterator[Problem]:
    if not course.lessons():
        yield course.place.problem("The course has no lessons.", "modules")
    yield from _repeated(course.modules, "module")
    for module in course.modules:
        yield from _names(module.place, module.uid, module.title, module.slug)
        yield from _words(module.place, "skills", module.skills)
        yield from _repeated(module.lessons, "lesson")
        if not module.lessons:
            yield module.place.problem("The module has no lessons.", "lessons")
        elif all(lesson.optional for lesson in module.lessons):
            yield module.place.problem("Every lesson of the module is optional, so it cannot be done.", "lessons")
    for module, lesson in course.lessons():
        yield from _lesson(lesson)
        if lesson.quiz:
            yield from quiz_problems(course, module, lesson, lesson.quiz)


def _repeated(things: Sequence[ModuleDraft] | Sequence[LessonDraft], noun: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for thing in things:
        if thing.uid in seen:
            yield thing.place.problem(f"The {noun} “{thing.uid}” stands twice.", "uid")
        seen.add(thing.uid)


def _lesson(lesson: LessonDraft) -> Iterator[Problem]:
    place = lesson.place
    if not 0 < len(lesson.uid) <= MOST_UID or not lesson.uid.isprintable():
        yield place.problem(f"The id is empty, longer than {MOST_UID} characters or not printable.", "uid")
    if not lesson.title:
        yield place.problem("There is no title.", "title")
    elif len(lesson.title) > MOST_TITLE:
        yield place.problem(f"The title has {len(lesson.title)} characters; {MOST_TITLE} are the most.", "title")
    least = 0 if lesson.kind == QUIZ else 1
    if not least <= lesson.minutes <= MOST_MINUTES:
        reason = f"{lesson.minutes} minutes are not between {least} and {MOST_MINUTES}."
        yield place.problem(reason, "minutes")
    yield from _content(lesson)
    for line, what in active_in(lesson.text):
        at = Problem(place.file, place.lines.get("text", 1) + line - 1, "")
        yield Problem(
            at.file, at.line, f"The text contains {what}, which could run in a reader's browser. Take it out."
        )
    yield from _attachments(lesson)


def _content(lesson: LessonDraft) -> Iterator[Problem]:
    place = lesson.place
    if lesson.kind not in LESSON_KINDS:
        yield place.problem(f"The kind “{lesson.kind}” is not one of {', '.join(LESSON_KINDS)}.", "kind")
    if len(lesson.text) > MOST_TEXT:
        yield place.problem(f"The text has {len(lesson.text):,} characters; {MOST_TEXT:,} are the most.", "text")
    if lesson.kind == ARTICLE and not lesson.text:
        yield place.problem("The lesson has no text.", "text")
    if lesson.kind == LINK and not lesson.url:
        yield place.problem("A lesson of kind link needs a url.", "url")
    films = sum(attachment.media_type.startswith(FILM) for attachment in lesson.attachments)
    if lesson.kind == VIDEO and bool(lesson.url) + films != 1:
        yield place.problem("A lesson of kind video needs a url, or one film as its attachment.", "url")
    if lesson.kind == FILE and not lesson.attachments:
        yield place.problem("A lesson of kind file needs an attachment.", "attachment")
    if (lesson.kind == QUIZ) != (lesson.quiz is not None):
        yield place.problem("A quiz has questions, and only a quiz has.", "kind")
    yield from _address(place, lesson.url)


def _address(place: Place, url: str) -> Iterator[Problem]:
    if url and (len(url) > 2000 or not ADDRESS.fullmatch(url)):
        yield place.problem(f"“{url[:80]}” is not an address that begins with https://.", "url")


def _attachments(thing: LessonDraft | ResourceDraft) -> Iterator[Problem]:
    for attachment in thing.attachments:
        if not 0 < len(attachment.name) <= MOST_NAME:
            yield thing.place.problem(f"“{attachment.name[:60]}” is too long a file name.", "attachment")
        most = MOST_FILM if attachment.media_type.startswith(FILM) else MOST_ATTACHMENT
        if len(attachment.content) > most:
            yield thing.place.problem(f"“{attachment.name}” is larger than {most // 1024 // 1024} MB.", "attachment")


def _resource(resource: ResourceDraft) -> Iterator[Problem]:
    if bool(resource.url) == bool(resource.attachments):
        yield resource.place.problem("A resource is either an attachment or a url.", "attachment")
    if not 0 <= resource.minutes <= MOST_MINUTES:
        yield resource.place.problem(f"{resource.minutes} minutes are not between 0 and {MOST_MINUTES}.", "minutes")
    yield from _address(resource.place, resource.url)
    yield from _attachments(resource)


def _references(catalogue: Catalogue, known: Known) -> Iterator[Problem]:
    needed = {**known, **{course.uid: course.prerequisites for course in catalogue.courses}}
    for course in catalogue.courses:
        yield from _dangling(course, "prerequisites", course.prerequisites, needed)
        if (cycle := cycle_of(course.uid, needed)) and course.uid == min(cycle):
            way = " needs ".join(f"“{uid}”" for uid in [*cycle, cycle[0]])
            yield course.place.problem(f"Prerequisites run in a circle: {way}.", "prerequisites")
    for path in catalogue.paths:
        yield from _path(path, needed)


def _path(path: PathDraft, needed: Known) -> Iterator[Problem]:
    if not path.courses:
        yield path.place.problem("The path has no courses.", "courses")
    yield from _dangling(path, "courses", path.courses, needed)
    for index, uid in enumerate(path.courses):
        if uid in path.courses[:index]:
            yield path.place.problem(f"The course “{uid}” stands twice in the path.", f"courses.{index}")
    for index, before in out_of_order(path.courses, needed):
        reason = f"“{path.courses[index]}” needs “{before}”, which comes after it in this path."
        yield path.place.problem(reason, f"courses.{index}")


def _dangling(item: ItemDraft, part: str, uids: Sequence[str], courses: Known) -> Iterator[Problem]:
    for index, uid in enumerate(uids):
        if uid not in courses:
            yield item.place.problem(f"There is no course “{uid}”.", f"{part}.{index}")
