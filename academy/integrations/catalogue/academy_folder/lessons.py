"""Reading a lesson of our own format: Markdown with a head, or a quiz."""

from pathlib import PurePosixPath

from academy.integrations.catalogue.files import Files, UnreadableError
from academy.integrations.catalogue.located import Fields, load
from academy.learning.catalog.markdown.rules import html_in
from academy.learning.catalog.rules import (
    ARTICLE,
    QUIZ,
    SINGLE,
    AttachmentDraft,
    ChoiceDraft,
    LessonDraft,
    PassageDraft,
    Problem,
    QuestionDraft,
    QuizDraft,
    tidy,
)

# What may be handed out. Nothing that a browser would run as a page of ours.
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".md": "text/markdown",
    ".mp4": "video/mp4",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".txt": "text/plain",
    ".webm": "video/webm",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".zip": "application/zip",
}
LESSON = ("uid", "title", "kind", "minutes", "optional", "url", "attachment")


def read_lesson(files: Files, module: Fields, folder: PurePosixPath, name: str) -> LessonDraft | None:
    """The lesson that a module lists by this name: `<name>.md`, or `<name>.yaml` for a quiz."""
    text, quiz = str(folder / f"{name}.md"), str(folder / f"{name}.yaml")
    try:
        if quiz in files and name != "module":
            return _quiz(files, module, quiz, name, folder.name)
        if text in files:
            return _article(files, module, text, name)
    except UnreadableError as refusal:
        module.problems.append(refusal.problem)
        return None
    module.wrong(f"There is no lesson “{name}”: neither {name}.md nor {name}.yaml is there.", "lessons")
    return None


def _article(files: Files, module: Fields, file: str, name: str) -> LessonDraft | None:
    head, body, first = _split(file, files.text(file))
    fields = Fields(file, load(file, head, first_line=2), module.problems)
    fields.only(*LESSON)
    text = tidy(body)
    first += len(body) - len(body.lstrip("\n"))
    for line, tag in html_in(text):
        fields.problems.append(Problem(file, first + line - 1, f"There is HTML ({tag}). Write it in Markdown."))
    return LessonDraft(
        uid=fields.text("uid", name),
        kind=fields.text("kind", ARTICLE),
        title=fields.text("title", None),
        minutes=fields.number("minutes"),
        optional=fields.flag("optional"),
        text=text,
        url=fields.text("url"),
        attachments=attachments_of(files, fields),
        place=fields.place(text=first),
    )


def _split(file: str, text: str) -> tuple[str, str, int]:
    """A lesson's head, its body, and the line on which the body begins."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise UnreadableError(
            Problem(file, 1, "The lesson begins with a head: a line of ---, its values, a line of ---.")
        )
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:index]), "\n".join(lines[index + 1 :]), index + 2
    raise UnreadableError(Problem(file, 1, "The head of the lesson is not closed by a line of ---."))


def attachments_of(files: Files, fields: Fields) -> tuple[AttachmentDraft, ...]:
    """The files that stand beside a lesson or resource under the names it gives."""
    found = []
    for name in fields.texts("attachment"):
        path = str(PurePosixPath(fields.file).parent / name)
        media_type = MEDIA_TYPES.get(PurePosixPath(name).suffix.lower())
        if "/" in name or "\\" in name or path not in files:
            fields.wrong(f"The attachment “{name}” does not stand beside this file.", "attachment")
        elif media_type is None:
            fields.wrong(f"“{name}” is not a kind of file that we hand out.", "attachment")
        else:
            found.append(AttachmentDraft(name, media_type, files.read(path)))
    return tuple(found)


def _quiz(files: Files, module: Fields, file: str, name: str, folder: str) -> LessonDraft:
    fields = Fields(file, load(file, files.text(file)), module.problems)
    fields.only("uid", "title", "minutes", "optional", "ask", "pass", "attempts_a_day", "questions")
    questions = tuple(_question(question, folder) for question in fields.each("questions"))
    quiz = QuizDraft(
        ask=fields.number("ask", len(questions)),
        pass_percent=fields.number("pass", 80),
        attempts_a_day=fields.number("attempts_a_day", 3),
        questions=questions,
    )
    return LessonDraft(
        uid=fields.text("uid", name),
        kind=QUIZ,
        title=fields.text("title", None),
        minutes=fields.number("minutes"),
        optional=fields.flag("optional"),
        quiz=quiz,
        place=fields.place(),
    )


def _question(fields: Fields, folder: str) -> QuestionDraft:
    fields.only("id", "kind", "text", "choices", "explanation", "passage")
    choices = []
    for choice in fields.each("choices"):
        choice.only("id", "text", "correct", "why")
        choices.append(
            ChoiceDraft(choice.text("id", None), choice.text("text", None), choice.flag("correct"), choice.text("why"))
        )
    return QuestionDraft(
        id=fields.text("id", None),
        kind=fields.text("kind", SINGLE),
        text=fields.text("text", None),
        choices=tuple(choices),
        explanation=fields.text("explanation"),
        passage=_passage(fields.text("passage"), folder),
        place=fields.place(),
    )


def _passage(written: str, folder: str) -> PassageDraft | None:
    """`lesson#heading`, or `module/lesson#heading`; by names of files until the whole course is read."""
    lesson, _, anchor = written.partition("#")
    module, _, name = lesson.rpartition("/")
    return PassageDraft(module or folder, name, anchor) if written else None
