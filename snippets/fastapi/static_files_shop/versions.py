"""URLs that change with the file, in FastAPI: ?v= and a hash."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.datastructures import QueryParams

app = FastAPI()

# region: versions
SHOP = Path(__file__).parent
STATIC = SHOP / "static"
YEAR = 365 * 24 * 60 * 60


def version(file):
    return digest(file, file.stat().st_mtime_ns)


@cache  # read a file again only after it has changed
def digest(file, changed):
    return sha256(file.read_bytes()).hexdigest()[:12]


class Versioned(StaticFiles):
    # Called after Starlette's own checks, with a path within.
    def file_response(self, full_path, stat_result, scope, *args):
        response = super().file_response(
            full_path, stat_result, scope, *args
        )
        asked = QueryParams(scope["query_string"]).get("v")
        kept = "no-cache"
        if asked == version(Path(full_path)):
            kept = f"public, max-age={YEAR}, immutable"
        response.headers["Cache-Control"] = kept
        return response


app.mount("/static", Versioned(directory=STATIC), name="static")


def add_static(request: Request):
    def static(name):
        url = request.url_for("static", path=name)
        return f"{url.path}?v={version(STATIC / name)}"

    return {"static": static}


templates = Jinja2Templates(
    SHOP / "templates", context_processors=[add_static]
)
# endregion: versions


@app.get("/", response_class=HTMLResponse)
def show_home(request: Request):
    return templates.TemplateResponse(request, "versions.html")
