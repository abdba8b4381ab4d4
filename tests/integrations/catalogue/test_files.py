"""Files are read from folders and archives, and never from outside of them."""

import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from academy.integrations.catalogue import files as module
from academy.integrations.catalogue.files import Files, UnreadableError, decoded, open_files

from .folders import as_tar, as_zip, own, written


def refusal(function: Callable[..., object], *given: Any) -> tuple[str, int, str]:
    with pytest.raises(UnreadableError) as caught:
        function(*given)
    problem = caught.value.problem
    return (problem.file, problem.line, problem.reason)


def contents(files: Files) -> dict[str, str]:
    return {name: files.text(name) for name in files.names()}


@pytest.mark.parametrize("mode", ["w:xz", "w:gz", "w"])
def test_folders_and_archives_hold_the_same(tmp_path: Path, mode: Literal["w:xz", "w:gz", "w"]) -> None:
    folder = open_files(written(tmp_path / "folder", own()))
    assert contents(open_files(as_tar(tmp_path / "a.tar", own(), mode=mode))) == own()
    assert contents(open_files(as_zip(tmp_path / "a.zip", own()))) == contents(folder) == own()


def test_what_is_neither(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    gone = tmp_path / "gone"
    assert refusal(open_files, gone) == (str(gone), 1, "There is no such folder or archive.")
    assert refusal(open_files, tmp_path / "notes.txt") == (
        "notes.txt",
        1,
        "This is neither a folder nor a tar or zip archive.",
    )


@pytest.mark.parametrize(
    "name", ["../evil.md", "/etc/evil.md", "a/../../evil.md", "C:/evil.md", "a\\..\\evil.md", "c:evil.md"]
)
def test_an_entry_that_leads_out(tmp_path: Path, name: str) -> None:
    reason = f"The entry “{name}” leads out of the archive, so nothing was read."
    assert refusal(open_files, as_tar(tmp_path / "a.tar.xz", {"fine.md": "x", name: "x"})) == ("a.tar.xz", 1, reason)
    assert refusal(open_files, as_zip(tmp_path / "a.zip", {"fine.md": "x", name: "x"})) == ("a.zip", 1, reason)
    assert sorted(path.name for path in tmp_path.parent.iterdir() if path.name == "evil.md") == []


def test_folders_in_archives_are_no_files_and_may_not_lead_out(tmp_path: Path) -> None:
    for name, files in (("a.tar", {"sub/a.md": "x"}), ("b.tar", {"../sub/a.md": "x"})):
        with tarfile.open(tmp_path / name, "w") as archive:
            info = tarfile.TarInfo(next(iter(files)).rpartition("/")[0])
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
    assert open_files(tmp_path / "a.tar").names() == []
    assert refusal(open_files, tmp_path / "b.tar")[2].startswith("The entry “../sub” leads out")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.mkdir("sub")
    assert open_files(tmp_path / "a.zip").names() == []


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "sub/../../outside"])
def test_a_link_that_leads_out(tmp_path: Path, target: str) -> None:
    reason = "The link “link.md” leads out of the archive, so nothing was read."
    links = {"link.md": target}
    for more in (links, None):
        assert refusal(
            open_files, as_tar(tmp_path / "a.tar", {"a.md": "x"}, links=more, hard=None if more else links)
        ) == ("a.tar", 1, reason)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        info = zipfile.ZipInfo("link.md")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(info, target)
    assert refusal(open_files, tmp_path / "a.zip") == ("a.zip", 1, reason)


def test_links_inside_stand_for_what_they_point_at(tmp_path: Path) -> None:
    links = {"sub/link.md": "../a.md", "sub/dangling.md": "gone.md"}
    opened = open_files(as_tar(tmp_path / "a.tar", {"a.md": "x"}, links=links, hard={"hard.md": "a.md"}))
    assert contents(opened) == {"a.md": "x", "sub/link.md": "x", "hard.md": "x"}


def test_a_link_out_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret")
    folder = written(tmp_path / "in", {"a.md": "x"})
    (folder / "inside.md").symlink_to("a.md")
    assert contents(open_files(folder)) == {"a.md": "x", "inside.md": "x"}
    (folder / "link.md").symlink_to(tmp_path / "secret.md")
    assert refusal(open_files, folder) == ("link.md", 1, "This link leads out of the folder.")
    (folder / "link.md").unlink()
    (folder / "up").symlink_to(tmp_path)
    assert refusal(open_files, folder) == ("up", 1, "This link leads out of the folder.")


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"a.md": "x", ".git/config": "x"})
    os.mkfifo(folder / "pipe")
    assert open_files(folder).names() == ["a.md"]
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        info = tarfile.TarInfo("device")
        info.type = tarfile.CHRTYPE
        archive.addfile(info)
    assert refusal(open_files, tmp_path / "a.tar") == ("a.tar", 1, "The entry “device” is a device, not a file.")


def test_damaged_archives(tmp_path: Path) -> None:
    for make, name in ((as_tar, "a.tar.xz"), (as_zip, "a.zip")):
        path = make(tmp_path / name, {"a.md": "word " * 5000 + "".join(map(str, range(5000)))})
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] + b"\0" * 40 + whole[len(whole) // 2 + 40 :])
        file, line, reason = refusal(open_files, path)
        assert (file, line) == (name, 1)
        assert reason.startswith("The archive is damaged")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_would_fill_the_memory(tmp_path: Path, kind: bytes) -> None:
    head = tarfile.TarInfo("a.md")
    head.type, head.size = kind, 4 * 1024**3  # it is refused before a byte of it is read
    path = tmp_path / "bomb.tar.xz"
    path.write_bytes(lzma.compress(head.tobuf() + b"0" * 10_000))
    assert refusal(open_files, path) == ("bomb.tar.xz", 1, "The archive has a header larger than 16 MB.")


def test_archives_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1000)
    monkeypatch.setattr(module, "MOST_BYTES", 3000)
    monkeypatch.setattr(module, "MOST_FILES", 5)
    bomb = as_tar(tmp_path / "bomb.tar.xz", {"zeros.md": b"0" * 1001})
    assert refusal(open_files, bomb) == ("bomb.tar.xz", 1, "The entry “zeros.md” is larger than 0 MB.")
    many = as_zip(tmp_path / "many.zip", {f"{number}.md": "x" for number in range(6)})
    assert refusal(open_files, many) == ("many.zip", 1, "The archive holds more than 5 files or 0 MB.")
    much = as_tar(tmp_path / "much.tar", {f"{number}.md": "x" * 900 for number in range(4)})
    assert refusal(open_files, much)[2] == "The archive holds more than 5 files or 0 MB."
    folder = written(tmp_path / "folder", {"large.md": "x" * 1001})
    assert refusal(open_files(folder).read, "large.md") == ("large.md", 1, "The file is larger than 0 MB.")
    crowd = written(tmp_path / "crowd", {f"{number}.md": "x" for number in range(6)})
    assert refusal(open_files, crowd)[2] == "There are more than 5 files."


def test_an_encrypted_entry(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "a.zip", {"a.md": "x"})
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(raw))
    assert refusal(open_files, path) == ("a.zip", 1, "The entry “a.md” is encrypted.")


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("one\n".encode("utf-16"), 1, "The file is written in UTF-16. Save it as UTF-8."),
        (
            "one\ntwo ’\n".encode("cp1252"),
            2,
            "The byte 0x92 is not UTF-8, perhaps it is Windows-1252. Save the file as UTF-8.",
        ),
        (b"one\ntwo\nth\0ree", 3, "The file has a zero byte in it, as UTF-16 and programs have."),
    ],
)
def test_files_that_are_not_utf_8(content: bytes, line: int, reason: str) -> None:
    assert refusal(decoded, "a.md", content) == ("a.md", line, reason)


def test_a_byte_order_mark_and_foreign_line_ends_are_taken_away() -> None:
    assert decoded("a.md", b"\xef\xbb\xbfone\r\ntwo\rthree") == "one\ntwo\nthree"


def test_a_name_in_whatever_case(tmp_path: Path) -> None:
    opened = open_files(written(tmp_path / "in", {"Includes/1-Intro.md": "x"}))
    assert opened.whatever_case("includes/1-intro.md") == "Includes/1-Intro.md"
    assert opened.whatever_case("Includes/1-Intro.md") == "Includes/1-Intro.md"
    assert opened.whatever_case("gone.md") is None
