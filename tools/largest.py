"""The five largest files and functions of the product, printed so that growth is seen; nothing fails by it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOST = 5
Sized = tuple[int, str]


def files() -> Iterator[Sized]:
    """Lines of every source file of ours."""
    for file in _ours("*.py", "*.js", "*.css", "*.html"):
        yield len(file.read_text().splitlines()), str(file.relative_to(ROOT))


def functions() -> Iterator[Sized]:
    """Lines of every function, its docstring and decorators among them."""
    for file in _ours("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield node.end_lineno - node.lineno + 1, f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"


def _ours(*patterns: str) -> Iterator[Path]:
    for pattern in patterns:
        yield from (one for one in (ROOT / "academy").rglob(pattern) if not {"vendor", "migrations"} & set(one.parts))


def main() -> None:
    """Both lists, largest first."""
    for what, sized in (("files", files()), ("functions", functions())):
        print(f"The largest {what}:")
        for lines, name in sorted(sized, reverse=True)[:MOST]:
            print(f"  {lines:4}  {name}")


if __name__ == "__main__":
    main()
