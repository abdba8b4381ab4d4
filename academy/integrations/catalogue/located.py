"""YAML that remembers its lines. Every plain value stays the text that was written: `yes` and `1.10` stay so."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from academy.integrations.catalogue.files import UnreadableError
from academy.learning.catalog.rules import Place, Problem

Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 30
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class Scalar:
    """A single value; None where YAML has none."""

    line: int
    text: str | None


@dataclass(slots=True)
class Many:
    """A sequence."""

    line: int
    nodes: "list[Node]" = field(default_factory=list)


@dataclass(slots=True)
class Named:
    """A mapping, with the line of each key."""

    line: int
    nodes: "dict[str, Node]" = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    key: str | None = None


Node = Scalar | Many | Named


def load(file: str, text: str, *, first_line: int = 1, repeated: list[Problem] | None = None) -> Node:
    """The one document of a text that begins at a line of a file.

    Raises UnreadableError with the line of what is wrong. Aliases and tags are refused: nobody writes them by hand,
    and they can make a small file large. A name that stands twice is refused, or with `repeated` noted there: the
    last one counts.
    """
    try:
        return _built(file, text, first_line, repeated)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise UnreadableError(Problem(file, line, f"This is not YAML: {error.problem or error.context}.")) from error
    except yaml.YAMLError as error:  # characters that YAML does not allow
        line = first_line + text.count("\n", 0, getattr(error, "position", 0))
        raise UnreadableError(
            Problem(file, line, "This is not YAML: there is a character that it does not allow.")
        ) from error


def _built(file: str, text: str, first_line: int, repeated: list[Problem] | None) -> Node:
    root: Node | None = None
    open_nodes: list[Many | Named] = []
    documents = 0
    for event in yaml.parse(text, Loader=Loader):
        line = first_line + (event.start_mark.line if event.start_mark else 0)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) not in {None, "!"}:
            raise UnreadableError(
                Problem(file, line, "Aliases and tags of YAML are not used here. Write the value out.")
            )
        if documents > 1 or len(open_nodes) > DEEPEST:
            reason = "There is more than one document." if documents > 1 else "This is nested too deeply."
            raise UnreadableError(Problem(file, line, reason))
        if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            open_nodes.pop()
        if (node := _node(file, event, line)) is None:
            continue
        if open_nodes:
            _put(file, open_nodes[-1], node, repeated)
        root = node if root is None else root
        if isinstance(node, Many | Named):
            open_nodes.append(node)
    return root or Scalar(first_line, None)


def _node(file: str, event: yaml.Event, line: int) -> Node | None:
    if isinstance(event, yaml.MappingStartEvent):
        return Named(line)
    if isinstance(event, yaml.SequenceStartEvent):
        return Many(line)
    if not isinstance(event, yaml.ScalarEvent):
        return None
    value = str(event.value)
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise UnreadableError(Problem(file, line, "There is a character in this value that no text has."))
    absent = event.implicit[0] and value in NOTHING
    return Scalar(line, None if absent else value)


def _put(file: str, parent: Many | Named, node: Node, repeated: list[Problem] | None) -> None:
    if isinstance(parent, Many):
        parent.nodes.append(node)
    elif parent.key is None:
        if not isinstance(node, Scalar):
            raise UnreadableError(Problem(file, node.line, "A name is expected here."))
        parent.key = node.text or ""
        if parent.key in parent.nodes:
            twice = Problem(file, node.line, f"“{parent.key}” stands here twice; the last one counts.")
            if repeated is None:
                raise UnreadableError(Problem(file, node.line, f"“{parent.key}” stands here twice."))
            repeated.append(twice)
        parent.lines[parent.key] = node.line
    else:
        parent.nodes[parent.key] = node
        parent.key = None


class Fields:
    """Reading a mapping value by value. What is wrong is added to `problems`, and reading goes on."""

    def __init__(self, file: str, node: Node, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.node = node if isinstance(node, Named) else Named(node.line)
        if node is not self.node:
            self.wrong("Names with values are expected here.")

    def wrong(self, reason: str, name: str = "") -> None:
        """Note a problem with a value, or with all of this."""
        self.problems.append(Problem(self.file, self.line(name), reason))

    def line(self, name: str = "") -> int:
        """The line of a value, or of all of this."""
        node = self.node.nodes.get(name)
        return node.line if isinstance(node, Scalar) else self.node.lines.get(name, self.node.line)

    def text(self, name: str, otherwise: str | None = "") -> str:
        """A text; needed where `otherwise` is None."""
        node = self.node.nodes.get(name)
        if isinstance(node, Many | Named):
            self.wrong(f"“{name}” is a single text.", name)
            return ""
        if node is None or node.text is None:
            if otherwise is None:
                self.wrong(f"“{name}” is missing.", name)
            return otherwise or ""
        return node.text.strip()

    def number(self, name: str, otherwise: int | None = None) -> int:
        """A whole number; needed where `otherwise` is None."""
        written = self.text(name, None if otherwise is None else str(otherwise))
        if written.removeprefix("-").isdecimal() and len(written) < 10:
            return int(written)
        if written:
            self.wrong(f"“{name}” is a whole number, not “{written[:40]}”.", name)
        return otherwise or 0

    def flag(self, name: str) -> bool:
        """True or false; false where nothing is said."""
        written = self.text(name).lower()
        if written not in {"", "true", "false", "yes", "no"}:
            self.wrong(f"“{name}” is true or false, not “{written[:40]}”.", name)
        return written in {"true", "yes"}

    def texts(self, name: str, *, needed: bool = False) -> tuple[str, ...]:
        """A list of texts; a single one counts as a list of one."""
        node = self.node.nodes.get(name)
        if node is None or (isinstance(node, Scalar) and node.text is None):
            if needed:
                self.wrong(f"“{name}” is missing.", name)
            return ()
        nodes = node.nodes if isinstance(node, Many) else [node]
        texts = [part.text.strip() for part in nodes if isinstance(part, Scalar) and part.text is not None]
        if len(texts) != len(nodes):
            self.wrong(f"“{name}” is a list of texts.", name)
        return tuple(texts)

    def each(self, name: str) -> "Iterator[Fields]":
        """The mappings of a list."""
        node = self.node.nodes.get(name)
        if isinstance(node, Many):
            for part in node.nodes:
                yield Fields(self.file, part, self.problems)
        elif node is not None and not (isinstance(node, Scalar) and node.text is None):
            self.wrong(f"“{name}” is a list.", name)

    def within(self, name: str) -> "Fields | None":
        """The mapping under a name; None without one."""
        node = self.node.nodes.get(name)
        return Fields(self.file, node, self.problems) if isinstance(node, Named) else None

    def only(self, *names: str) -> None:
        """Note every name that is none of these: most often one that is misspelt."""
        for name in self.node.nodes:
            if name not in names:
                self.wrong(f"“{name}” is not known here. Known are {', '.join(names)}.", name)

    def lines_of(self, name: str) -> list[int]:
        """The line of each part of a list."""
        node = self.node.nodes.get(name)
        return [part.line for part in node.nodes] if isinstance(node, Many) else []

    def place(self, **more: int) -> Place:
        """Where all of this stands, and each of its parts."""
        lines = dict(self.node.lines)
        lines.update(_lines(self.node, ""))
        return Place(self.file, self.node.line, {**lines, **more})


def _lines(node: Node, name: str) -> Iterator[tuple[str, int]]:
    if name:
        yield name, node.line
    parts: list[tuple[str, Node]] = []
    if isinstance(node, Many):
        parts = [(str(index), part) for index, part in enumerate(node.nodes)]
    elif isinstance(node, Named):
        parts = list(node.nodes.items())
    for key, part in parts:
        yield from _lines(part, f"{name}.{key}" if name else key)
