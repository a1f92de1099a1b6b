"""A download in Django: a 304 by a decorator, a range by hand."""

import re
from datetime import UTC, datetime
from pathlib import Path

from django.http import FileResponse
from django.views.decorators.http import condition, require_safe

from snippets.django.response_handling_parts.streams import piecewise

CATALOGUE = Path(__file__).with_name("catalogue.txt")


# region: download
def etag(request):
    stat = CATALOGUE.stat()
    return f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'


def changed(request):
    return datetime.fromtimestamp(CATALOGUE.stat().st_mtime, UTC)


# "bytes=15-" asks for the rest of a download that broke off.
REST = re.compile(r"bytes=([0-9]{1,15})-")


@require_safe
@condition(etag, changed)  # both headers, and If-None-Match
def catalogue(request):
    file = CATALOGUE.open("rb")
    size = CATALOGUE.stat().st_size
    wanted = REST.fullmatch(request.headers.get("Range", ""))
    same = request.headers.get("If-Range") in (None, etag(request))
    status, headers = 200, {"Accept-Ranges": "bytes"}
    if wanted and same and (start := int(wanted[1])) < size:
        file.seek(start)  # FileResponse sends from here
        status = 206
        headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
    response = FileResponse(
        file,
        as_attachment=True,
        filename="Catalogue d'été.txt",
        status=status,
        headers={**headers, "Cache-Control": "no-cache"},
    )
    return piecewise(request, response)


# endregion: download
