"""Static files in Flask: a folder that has a route from the start.

>>> from snippets.flask.static_files import app
>>> shop = app.test_client()
>>> with shop.get("/static/site.css") as style:
...     style.status, style.headers["Cache-Control"]
('200 OK', 'no-cache')
>>> shop.get("/static/../static_files.py").status
'404 NOT FOUND'
"""

from pathlib import Path

from flask import Flask, render_template, send_from_directory

# region: setup
# Unless told otherwise, Flask looks in static/ and templates/
# beside this file. The last part of static_folder is the URL.
app = Flask(
    __name__,
    static_folder="static_files_shop/static",
    template_folder="static_files_shop/templates",
)
# endregion: setup


# region: page
@app.get("/")
def show_home():
    return render_template("home.html")


# endregion: page

# region: uploads
UPLOADS = Path(__file__).parent / "static_files_shop" / "uploads"


@app.get("/uploads/<name>")
def show_upload(name):
    # A browser saves an attachment, and does not run it.
    response = send_from_directory(UPLOADS, name, as_attachment=True)
    # It believes the type that is sent, instead of guessing.
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


# endregion: uploads
