"""Desk server, the page itself: the built files of console/web, and index.html for the page's own routes."""

from __future__ import annotations

import gzip
import mimetypes
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse

from console.server_http import Refused, refuse

FOREVER = "public, max-age=31536000, immutable"  # names under assets/ carry a hash of their content
ASK_FIRST = "no-cache"

NOT_BUILT = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>页面尚未构建</title></head>
<body><h1>页面尚未构建</h1>
<p>坐席页面还没有构建。请在项目目录运行：</p><pre>make setup</pre>
<p>The page has not been built yet. Run <code>make setup</code> in the project folder, then reload.</p>
</body></html>
"""


PACKED = frozenset({".css", ".html", ".js", ".json", ".map", ".svg"})
WORTH_PACKING = 1024  # bytes


class Page:
    """Promise: only files inside the built folder are given; anything else that a browser asks for is the page."""

    def __init__(self, dist: Path) -> None:
        self._dist = dist.resolve()
        self._packed: dict[tuple[Path, int], bytes] = {}  # file and time of its change, ns → gzip

    async def __call__(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path == "api" or path.startswith("api/"):
            return refuse(Refused(404, "unknown", "没有这个接口"))
        index = self._dist / "index.html"
        if not index.is_file():
            return Response(NOT_BUILT, 503, {"Cache-Control": "no-store"}, media_type="text/html; charset=utf-8")
        if (found := self._file(path)) is not None:
            return self._give(request, found, FOREVER if path.startswith("assets/") else ASK_FIRST)
        if "." in path.rsplit("/", 1)[-1]:
            return refuse(Refused(404, "unknown", "没有这个文件"))
        return self._give(request, index, ASK_FIRST)

    def _give(self, request: Request, file: Path, lasting: str) -> Response:
        headers = {"Cache-Control": lasting, "Vary": "Accept-Encoding"}
        about = file.stat()
        wanted = "gzip" in request.headers.get("accept-encoding", "")
        if not wanted or file.suffix not in PACKED or about.st_size < WORTH_PACKING:
            return FileResponse(file, headers=headers)
        packed = self._packed.get((file, about.st_mtime_ns))
        if packed is None:
            packed = self._packed[file, about.st_mtime_ns] = gzip.compress(file.read_bytes(), 6)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Response(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=kind)

    def _file(self, path: str) -> Path | None:
        if not path or "\x00" in path:
            return None
        found = (self._dist / path).resolve()
        return found if found.is_relative_to(self._dist) and found.is_file() else None
