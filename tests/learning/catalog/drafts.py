"""Drafts of a small catalogue that has nothing wrong with it; what is not said is harmless."""

from typing import Any

from academy.learning.catalog.rules import (
    ARTICLE,
    QUIZ,
    SINGLE,
    AttachmentDraft,
    Catalogue,
    ChoiceDraft,
    CourseDraft,
    LessonDraft,
    ModuleDraft,
    PassageDraft,
    PathDraft,
    Place,
    QuestionDraft,
    QuizDraft,
    ResourceDraft,
)

TEXT = "Opening words.\n\n## Ask about money\n\nAsk for the *range* first.\n\n- one\n- two"
TEMPLATE = AttachmentDraft("brief.md", "text/markdown", b"# A brief\n")


def a_lesson(uid: str = "first", **more: Any) -> LessonDraft:
    """An article of five minutes."""
    values: dict[str, Any] = {"kind": ARTICLE, "title": f"About {uid}", "minutes": 5, "text": TEXT}
    return LessonDraft(uid=uid, **{**values, "place": Place(f"{uid}.md", 1), **more})


def a_question(uid: str = "q1", **more: Any) -> QuestionDraft:
    """A question whose first choice is right, about the first lesson of the module `start`."""
    values: dict[str, Any] = {
        "kind": SINGLE,
        "text": "What do you ask for *first*?",
        "choices": (ChoiceDraft("a", "The range", True, "It is easy to give."), ChoiceDraft("b", "The `sum`")),
        "explanation": "A range is easier to give.",
        "passage": PassageDraft("start", "first", "ask-about-money"),
        "place": Place("quiz.yaml", 7),
    }
    return QuestionDraft(id=uid, **{**values, **more})


def a_quiz(*questions: QuestionDraft, uid: str = "quiz", **more: Any) -> LessonDraft:
    """A quiz of one question out of two."""
    pool = questions or (a_question("q1"), a_question("q2"))
    values: dict[str, Any] = {"ask": 1, "pass_percent": 75, "attempts_a_day": 3}
    quiz = QuizDraft(**{**values, **{name: more.pop(name) for name in list(more) if name in values}}, questions=pool)
    return a_lesson(
        uid, **{"kind": QUIZ, "text": "", "quiz": quiz, "minutes": 3, "place": Place("quiz.yaml", 1), **more}
    )


def a_module(uid: str = "start", *lessons: LessonDraft, **more: Any) -> ModuleDraft:
    """A module of one article and a quiz."""
    values: dict[str, Any] = {"slug": uid, "title": f"About {uid}", "lessons": lessons or (a_lesson(), a_quiz())}
    return ModuleDraft(uid=uid, **{**values, "place": Place(f"{uid}/module.yaml", 1), **more})


def a_course(uid: str = "discovery", *modules: ModuleDraft, **more: Any) -> CourseDraft:
    """A course of one module."""
    values: dict[str, Any] = {"slug": uid, "title": f"About {uid}", "modules": modules or (a_module(),)}
    return CourseDraft(uid=uid, **{**values, "place": Place(f"{uid}/course.yaml", 1), **more})


def a_path(uid: str, *courses: str, **more: Any) -> PathDraft:
    """A path over these courses."""
    place = Place(f"{uid}.yaml", 1)
    return PathDraft(uid=uid, **{"slug": uid, "title": f"About {uid}", "courses": courses, "place": place, **more})


def a_resource(uid: str = "brief", **more: Any) -> ResourceDraft:
    """A resource with one file."""
    values: dict[str, Any] = {"slug": uid, "title": f"About {uid}", "attachments": (TEMPLATE,)}
    return ResourceDraft(uid=uid, **{**values, "place": Place(f"{uid}.yaml", 1), **more})


def a_catalogue(*courses: CourseDraft, **more: Any) -> Catalogue:
    """A whole source of one course."""
    return Catalogue(courses=courses or (a_course(),), **{"covers": ("",), **more})
