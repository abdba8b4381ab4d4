"""Small catalogues in both forms, as files by path; and archives of files."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Literal

COURSE = """title: Discovery
summary: How to ask.
level: beginner
family: discovery
skills: [asking]
tags: [calls]
language: en
prerequisites: []
modules: [start]
"""
MODULE = """title: Start
summary: How to begin.
skills: [asking]
lessons: [first, quiz, brief-template]
"""
LESSON = """---
title: Ask about money
kind: article
minutes: 6
optional: false
---
Opening words.

## Ask for a range

Then wait.
"""
TEMPLATE = """---
title: "Template: the brief"
kind: file
minutes: 5
attachment: brief.md
---
How to use it.
"""
QUIZ = """title: "Check: money"
minutes: 3
ask: 1
pass: 75
attempts_a_day: 3
questions:
  - id: range
    kind: single
    text: "What first?"
    choices:
      - {id: a, text: "The range", correct: true}
      - {id: b, text: "1.10"}
    explanation: "It is easier to give."
    passage: first#ask-for-a-range
  - id: wait
    kind: multiple
    text: "And then? Choose all."
    choices:
      - {id: a, text: "Wait", correct: true, why: "Silence helps."}
      - {id: b, text: "yes", correct: true}
      - {id: c, text: "Talk"}
    explanation: ""
"""


def own(**changes: Any) -> dict[str, Any]:
    """A catalogue of ours of one course; a change of None takes a file away, `/` is written as `__`."""
    files = {
        "courses/discovery/course.yaml": COURSE,
        "courses/discovery/start/module.yaml": MODULE,
        "courses/discovery/start/first.md": LESSON,
        "courses/discovery/start/quiz.yaml": QUIZ,
        "courses/discovery/start/brief-template.md": TEMPLATE,
        "courses/discovery/start/brief.md": "# The brief\n",
    }
    return changed(files, changes)


def changed(files: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The files with some changed, added or taken away."""
    return {name: text for name, text in {**files, **changes}.items() if text is not None}


LEARN_MODULE = """### YamlMime:Module
uid: learn.flows
title: Flows
summary: About flows.
abstract: |
  In this module, you will:
  - Make a flow.
  - Share it
levels:
- intermediate
- beginner
roles:
- developer
products:
- azure
- Power Platform
units:
- learn.flows.1-begin
- learn.flows.2-check
"""
LEARN_UNIT = """### YamlMime:ModuleUnit
uid: learn.flows.1-begin
title: Begin
metadata:
  title: Begin
  description: What flows are.
durationInMinutes: 7
content: |
  [!include[](includes/1-begin.md)]
quiz:
  title: Check yourself
  questions:
  - content: 'True or false?'
    choices:
    - content: True
      isCorrect: true
      correctExplanation: 'Indeed.'
    - content: False
      isCorrect: false
      incorrectExplanation: 'Not so.'
"""
LEARN_CHECK = """### YamlMime:ModuleUnit
uid: learn.flows.2-check
title: Knowledge check
durationInMinutes: 4
content: |
quiz:
  questions:
  - content: Which?
    choices:
    - content: One
      isCorrect: true
      explanation: Because.
    - content: Two
      isCorrect: true
    - content: 3
      isCorrect: false
      explanation: Because.
"""
LEARN_PATH = """### YamlMime:LearningPath
uid: learn.all-flows
title: All about flows
summary: The way.
levels:
- beginner
products:
- azure
modules:
- learn.flows
"""


def learn(**changes: Any) -> dict[str, Any]:
    """A docset of one module and one path."""
    files = {
        "set/achievements.yml": "### YamlMime:Achievements\nachievements:\n- uid: learn.flows.badge\n",
        "set/azure/flows/index.yml": LEARN_MODULE,
        "set/azure/flows/1-begin.yml": "\ufeff" + LEARN_UNIT,
        "set/azure/flows/2-check.yml": LEARN_CHECK,
        "set/azure/flows/includes/1-begin.md": "A flow does something.\n",
        "set/paths/all/index.yml": LEARN_PATH,
    }
    return changed(files, changes)


def as_bytes(content: str | bytes) -> bytes:
    """A file's content, whichever way it was given."""
    return content if isinstance(content, bytes) else content.encode()


def written(folder: Path, files: dict[str, Any]) -> Path:
    """The files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_bytes(content))
    return folder


def as_zip(path: Path, files: dict[str, Any]) -> Path:
    """The files as a zip archive, under whatever names they have."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, as_bytes(content))
    return path


def as_tar(
    path: Path,
    files: dict[str, Any],
    *,
    links: dict[str, str] | None = None,
    hard: dict[str, str] | None = None,
    mode: Literal["w:xz", "w:gz", "w"] = "w:xz",
) -> Path:
    """The files as a tar archive, with symbolic and hard links."""
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(as_bytes(content))
            archive.addfile(info, io.BytesIO(as_bytes(content)))
        for kind, wanted in ((tarfile.SYMTYPE, links or {}), (tarfile.LNKTYPE, hard or {})):
            for name, target in wanted.items():
                info = tarfile.TarInfo(name)
                info.type, info.linkname = kind, target
                archive.addfile(info)
    return path
