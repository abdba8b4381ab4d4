"""Static files: ours and htmx, with ETag, Range and, where the address carries a version, kept for ever."""

import gzip
from functools import lru_cache
from os import PathLike, fspath, stat_result
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
COMPRESSED = (".css", ".js", ".svg", ".json", ".map", ".txt")
LARGEST = 2 * 1024 * 1024  # bytes; what is compressed is kept in memory


class Static(StaticFiles):
    """Starlette's file server with our caching; text leaves compressed."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Any, status_code: int = 200
    ) -> Response:
        """A file, or 304 where the browser has it already."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        path = fspath(full_path)
        if path.endswith(COMPRESSED) and stat_result.st_size <= LARGEST:
            answer.headers["vary"] = "Accept-Encoding"
            asked = Headers(scope=scope)
            if isinstance(answer, FileResponse) and "range" not in asked and _takes_gzip(asked):
                answer = _compressed(answer, _gzipped(path, stat_result.st_mtime_ns))
        versioned = any(part.startswith(b"v=") for part in scope.get("query_string", b"").split(b"&"))
        answer.headers["cache-control"] = FOR_EVER if versioned else ASK_AGAIN
        answer.headers["x-content-type-options"] = "nosniff"
        return answer


def _takes_gzip(asked: Headers) -> bool:
    return "gzip" in asked.get("accept-encoding", "").lower()


def _compressed(answer: FileResponse, body: bytes) -> Response:
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "accept-ranges")}
    kept |= {"content-encoding": "gzip", "etag": f"W/{answer.headers['etag']}"}
    return Response(body, headers=kept)


@lru_cache(maxsize=256)
def _gzipped(path: str, changed_at: int) -> bytes:
    """A file's contents, compressed once for each time it changes."""
    return gzip.compress(Path(path).read_bytes(), mtime=0)
