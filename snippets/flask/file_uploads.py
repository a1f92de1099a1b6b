"""Files from strangers in Flask: read little, write it anew.

>>> from io import BytesIO
>>> from snippets.flask.file_uploads import app
>>> shop = app.test_client()
>>> script = BytesIO(b"<script>"), "front.png", "image/png"
>>> shop.post("/covers", data={"cover": script}).status
'422 UNPROCESSABLE ENTITY'
"""

from io import BytesIO
from pathlib import Path
from uuid import uuid4

from flask import Flask, abort, request, send_from_directory
from PIL import Image, ImageOps

# region: limits
app = Flask(__name__)
app.config.update(
    MAX_CONTENT_LENGTH=250_000,  # bytes of the whole body
    MAX_FORM_PARTS=3,  # fields and files together
)
# endregion: limits

MEDIA = Path("media")  # below where the server was started


# region: picture
MAX_PICTURE = 100_000  # bytes
MAX_PIXELS = 1_000_000  # a small file can be a huge picture


def as_png(upload):
    """The picture in an upload, drawn anew; 422 if it is none."""
    # One byte more than allowed says enough.
    data = upload.read(MAX_PICTURE + 1)
    try:
        if len(data) > MAX_PICTURE:
            raise ValueError
        sent = Image.open(BytesIO(data), formats=["JPEG", "PNG"])
        if sent.width * sent.height > MAX_PIXELS:  # not yet decoded
            raise ValueError
        if sent.mode.startswith("I"):  # 16 bits would turn white
            raise ValueError
        upright = ImageOps.exif_transpose(sent)
        # Pixels alone move on: no place, no script behind them.
        drawn = Image.new("RGBA", upright.size)
        drawn.paste(upright)
    except Exception:  # decoders of pictures fail in many ways
        abort(422, "A small PNG or JPEG picture is needed.")
    png = BytesIO()
    drawn.save(png, "PNG")
    return png.getvalue()


# endregion: picture


# region: save
def save(png):
    """Keep a picture under a name of our own."""
    name = f"{uuid4()}.png"
    MEDIA.mkdir(exist_ok=True)
    (MEDIA / name).write_bytes(png)
    return name


@app.post("/covers")
def add_cover():
    cover = request.files["cover"]  # missing: 400
    name = save(as_png(cover))
    return {"sent": cover.filename, "stored": name}, 201


# endregion: save


# region: serve
@app.get("/covers/<uuid:cover>.png")
def show_cover(cover):
    folder = MEDIA.absolute()  # else below the program's own
    answer = send_from_directory(folder, f"{cover}.png")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


# endregion: serve


# region: several
@app.post("/scans")
def add_scans():
    scans = request.files.getlist("scans")
    if not scans:
        abort(422, "No scan was sent.")
    # All are looked at before the first is kept.
    pictures = [as_png(scan) for scan in scans]
    return {"stored": [save(png) for png in pictures]}, 201


# endregion: several
