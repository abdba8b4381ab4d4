"""Static files: ours and htmx, with ETag, Range and, where the address carries a version, kept for ever."""

from os import PathLike, stat_result
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Static(StaticFiles):
    """Starlette's file server with our caching."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Any, status_code: int = 200
    ) -> Response:
        """A file, or 304 where the browser has it already."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        versioned = any(part.startswith(b"v=") for part in scope.get("query_string", b"").split(b"&"))
        answer.headers["cache-control"] = FOR_EVER if versioned else ASK_AGAIN
        answer.headers["x-content-type-options"] = "nosniff"
        return answer
