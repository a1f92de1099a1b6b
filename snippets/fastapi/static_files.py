"""Static files in FastAPI: an application of its own for a folder.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.static_files import app
>>> shop = TestClient(app)
>>> style = shop.get("/static/site.css")
>>> style.status_code, style.headers.get("Cache-Control")
(200, None)
>>> shop.get("/static/%2e%2e/static_files.py").status_code
404
"""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

app = FastAPI()

# region: setup
SHOP = Path(__file__).parent / "static_files_shop"

# A mount: what begins with /static goes to StaticFiles. The name
# is for url_for. Nothing is served unless you mount it.
files = StaticFiles(directory=SHOP / "static")
app.mount("/static", files, name="static")
templates = Jinja2Templates(SHOP / "templates")
# endregion: setup


# region: page
@app.get("/", response_class=HTMLResponse)
def show_home(request: Request):
    return templates.TemplateResponse(request, "home.html")


# endregion: page


# region: uploads
class Downloads(StaticFiles):
    def file_response(self, *args):
        response = super().file_response(*args)
        # A browser saves an attachment, and does not run it.
        response.headers["Content-Disposition"] = "attachment"
        # It believes the type that is sent, instead of guessing.
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


app.mount("/uploads", Downloads(directory=SHOP / "uploads"))
# endregion: uploads
