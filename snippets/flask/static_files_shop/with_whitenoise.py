"""WhiteNoise in Flask: files are answered before Flask is asked."""

import re
from pathlib import Path

from flask import Flask, render_template
from whitenoise import WhiteNoise

# region: whitenoise
HASH = re.compile(r"\.[0-9a-f]{8,20}\.[a-z0-9]+$")  # a build tool's

app = Flask(__name__)  # its own route stays, for url_for
app.wsgi_app = WhiteNoise(
    app.wsgi_app,
    root=Path(__file__).parent / "static",
    prefix="static/",
    immutable_file_test=lambda path, url: HASH.search(url),
    allow_all_origins=False,  # for fonts on a CDN you want True
)
# endregion: whitenoise


@app.get("/")
def show_home():
    return render_template("home.html")
