"""The files of an import, from a folder or an archive, without ever reading or writing outside of it."""

import bz2
import gzip
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from academy.learning.catalog.rules import Problem

MOST_FILES = 50_000
MOST_BYTES = 256 * 1024 * 1024
LARGEST = 16 * 1024 * 1024
BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, zlib.error),
    *(EOFError, NotImplementedError),
)
COMPRESSIONS: dict[bytes, Callable[..., Any]] = {
    b"\xfd7zXZ\0": lzma.open,
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
}


class UnreadableError(Exception):
    """The files cannot be read at all."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class Files:
    """Files by their path below the root, with forward slashes."""

    def __init__(self, readers: dict[str, Callable[[], bytes]], *, name: str = "", beside: Path | None = None) -> None:
        self._readers = readers
        self.name = name  # of the folder or archive, without its endings
        self._folded: dict[str, str] = {}
        for path in sorted(readers):
            self._folded.setdefault(path.casefold(), path)
        self.beside = beside  # the folder itself, where the import is a folder

    def names(self) -> list[str]:
        """Every path, in order."""
        return sorted(self._readers)

    def __contains__(self, name: str) -> bool:
        return name in self._readers

    def read(self, name: str) -> bytes:
        """What a file holds. Raises KeyError when there is none, UnreadableError when it is too large to be ours."""
        content = self._readers[name]()
        if len(content) > LARGEST:
            raise UnreadableError(Problem(name, 1, f"The file is larger than {LARGEST // 1024 // 1024} MB."))
        return content

    def text(self, name: str) -> str:
        """A file's text, with plain line ends and no byte-order mark. Raises UnreadableError unless it is UTF-8."""
        return decoded(name, self.read(name))

    def whatever_case(self, name: str) -> str | None:
        """The path of a file that is called so but for upper and lower case; None when there is none."""
        return name if name in self._readers else self._folded.get(name.casefold())


def decoded(name: str, content: bytes) -> str:
    """UTF-8 as text. Raises UnreadableError with the line where it is something else."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(Problem(name, 1, "The file is written in UTF-16. Save it as UTF-8."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"0x{content[error.start]:02X}"
        reason = f"The byte {byte} is not UTF-8, perhaps it is Windows-1252. Save the file as UTF-8."
        raise UnreadableError(Problem(name, line, reason)) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableError(Problem(name, line, "The file has a zero byte in it, as UTF-16 and programs have."))
    return text


def open_files(path: Path) -> Files:
    """The files of a folder, or of a .tar, .tar.xz, .tar.gz or .zip archive. Raises UnreadableError."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise UnreadableError(Problem(str(path), 1, "There is no such folder or archive."))
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return _collected(path.name, _zip_entries(path.name, archive))
        with _decompressed(path) as plain, _tar(path.name, plain) as opened:
            return _collected(path.name, _tar_entries(path.name, opened))
    except BROKEN as error:
        raise UnreadableError(Problem(path.name, 1, f"The archive is damaged: {error}.")) from error


def _decompressed(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        first = file.read(8)
    opens = next((opens for magic, opens in COMPRESSIONS.items() if first.startswith(magic)), None)
    return cast(IO[bytes], opens(path) if opens else path.open("rb"))


class _InPieces:
    """What tarfile reads from. It reads a long header whole, however long that says it is: no longer than a file."""

    def __init__(self, archive: str, file: IO[bytes]) -> None:
        self.archive, self.seek, self.tell, self._file = archive, file.seek, file.tell, file

    def read(self, size: int) -> bytes:
        if size > LARGEST + tarfile.RECORDSIZE:
            most = LARGEST // 1024 // 1024
            raise UnreadableError(Problem(self.archive, 1, f"The archive has a header larger than {most} MB."))
        return self._file.read(size)


def _tar(archive: str, plain: IO[bytes]) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=cast(IO[bytes], _InPieces(archive, plain)), mode="r:")
    except tarfile.ReadError:
        reason = "This is neither a folder nor a tar or zip archive."
        raise UnreadableError(Problem(archive, 1, reason)) from None


def _folder(root: Path) -> Files:
    readers: dict[str, Callable[[], bytes]] = {}
    real = root.resolve()
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in [*names, *folders]:
            file = Path(folder) / name
            shown = file.relative_to(root).as_posix()
            if file.is_symlink() and not file.resolve().is_relative_to(real):
                raise UnreadableError(Problem(shown, 1, "This link leads out of the folder."))
            if file.is_file():
                readers[shown] = partial(_read_path, file)
            if len(readers) > MOST_FILES:
                raise UnreadableError(Problem(shown, 1, f"There are more than {MOST_FILES} files."))
    return Files(readers, name=real.name, beside=real)


def _read_path(path: Path) -> bytes:
    return _bounded(path.open("rb"))


def _read_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None  # only files come here
    return _bounded(file)


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    return _bounded(archive.open(info))


def _bounded(file: IO[bytes]) -> bytes:
    """A file's content, or one byte more than is allowed."""
    with file:
        return file.read(LARGEST + 1)


Entry = tuple[str, int, Callable[[], bytes] | str]  # path, size, and how to read it or what it links to


def _tar_entries(archive: str, opened: tarfile.TarFile) -> Iterator[Entry]:
    for member in opened:
        if member.issym() or member.islnk():
            base = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
            yield _safe(archive, member.name), 0, _linked(archive, member.name, base, member.linkname)
        elif member.isfile():
            yield _safe(archive, member.name), member.size, partial(_read_member, opened, member)
        elif not member.isdir():
            raise UnreadableError(Problem(archive, 1, f"The entry “{member.name}” is a device, not a file."))
        else:
            _safe(archive, member.name)


def _zip_entries(archive: str, opened: zipfile.ZipFile) -> Iterator[Entry]:
    for info in opened.infolist():
        name = _safe(archive, info.filename)
        if info.is_dir():
            continue
        if info.flag_bits & 1:
            raise UnreadableError(Problem(archive, 1, f"The entry “{name}” is encrypted."))
        if stat.S_ISLNK(info.external_attr >> 16):
            target = _bounded(opened.open(info)).decode("utf-8", "replace")
            yield name, 0, _linked(archive, name, PurePosixPath(name).parent, target)
        else:
            yield name, info.file_size, partial(_read_entry, opened, info)


def _safe(archive: str, name: str) -> str:
    """An entry's path, if it stays inside."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name.partition("/")[0] or "\0" in name:
        raise UnreadableError(Problem(archive, 1, f"The entry “{name}” leads out of the archive, so nothing was read."))
    return path.as_posix()


def _linked(archive: str, name: str, base: PurePosixPath, target: str) -> str:
    """What a link stands for, if it stays inside."""
    path = os.path.normpath(base / target)
    if path.startswith(("/", "..")) or "\\" in target:
        raise UnreadableError(Problem(archive, 1, f"The link “{name}” leads out of the archive, so nothing was read."))
    return path


def _collected(archive: str, entries: Iterator[Entry]) -> Files:
    """Read an archive into memory once, within the limits, then let its links stand for what they point at."""
    contents: dict[str, bytes] = {}
    links: dict[str, str] = {}
    total = 0
    for name, size, source in entries:
        total += size
        if len(contents) >= MOST_FILES or total > MOST_BYTES:
            most = f"{MOST_FILES} files or {MOST_BYTES // 1024 // 1024} MB"
            raise UnreadableError(Problem(archive, 1, f"The archive holds more than {most}."))
        if size > LARGEST:
            raise UnreadableError(
                Problem(archive, 1, f"The entry “{name}” is larger than {LARGEST // 1024 // 1024} MB.")
            )
        if isinstance(source, str):
            links[name] = source
        else:
            contents[name] = source()
    contents |= {name: contents[target] for name, target in links.items() if target in contents}
    return Files({name: partial(contents.__getitem__, name) for name in contents}, name=archive.partition(".")[0])
