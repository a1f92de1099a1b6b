"""URLs that change with the file, in Flask: ?v= and a hash."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, render_template, request

# region: versions
STATIC = Path(__file__).parent / "static"
YEAR = 365 * 24 * 60 * 60


def version(file):
    return digest(file, file.stat().st_mtime_ns)


@cache  # read a file again only after it has changed
def digest(file, changed):
    return sha256(file.read_bytes()).hexdigest()[:12]


class Shop(Flask):
    def send_static_file(self, filename):
        # First Flask's own checks: filename is a stranger's.
        response = super().send_static_file(filename)
        if request.args.get("v") == version(STATIC / filename):
            kept = response.cache_control
            kept.no_cache = None
            kept.public = kept.immutable = True
            kept.max_age = YEAR
        return response


app = Shop(__name__)


@app.url_defaults  # asked by each url_for
def add_version(endpoint, values):
    if endpoint == "static":
        values["v"] = version(STATIC / values["filename"])


# endregion: versions


@app.get("/")
def show_home():
    return render_template("home.html")
