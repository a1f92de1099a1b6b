"""A download in FastAPI: `FileResponse`, and a 304 by hand."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

download = APIRouter()
CATALOGUE = Path(__file__).with_name("catalogue.txt")


# region: download
@download.head("/catalogue")
@download.get("/catalogue")
def catalogue(request: Request):
    response = FileResponse(
        CATALOGUE,
        filename="Catalogue d'été.txt",
        headers={"Cache-Control": "no-cache"},  # keep it, but ask
        stat_result=CATALOGUE.stat(),  # so there is an ETag now
    )
    # Range and If-Range come with it; If-None-Match does not.
    etag = response.headers["ETag"]
    known = request.headers.get("If-None-Match", "")
    if etag in known or known == "*":
        kept = {"ETag": etag, "Cache-Control": "no-cache"}
        return Response(status_code=304, headers=kept)
    return response


# endregion: download
