"""Files from strangers in FastAPI: read little, write it anew.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.file_uploads import app
>>> shop = TestClient(app)
>>> script = "front.png", b"<script>", "image/png"
>>> shop.post("/covers", files={"cover": script}).status_code
422
"""

from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException, UploadFile
from fastapi.responses import FileResponse
from PIL import Image, ImageOps

# region: limits
app = FastAPI(
    max_body_size=250_000,  # bytes of the whole body
    form_limits={"max_files": 3},
)
# endregion: limits

MEDIA = Path("media")  # below where the server was started


# region: picture
MAX_PICTURE = 100_000  # bytes
MAX_PIXELS = 1_000_000  # a small file can be a huge picture


def as_png(upload):
    """The picture in an upload, drawn anew; 422 if it is none."""
    # One byte more than allowed says enough.
    data = upload.file.read(MAX_PICTURE + 1)
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
        detail = "A small PNG or JPEG picture is needed."
        raise HTTPException(422, detail) from None
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


# Not `async def`: decoding would hold up the event loop.
@app.post("/covers", status_code=201)
def add_cover(cover: UploadFile):
    name = save(as_png(cover))
    return {"sent": cover.filename, "stored": name}


# endregion: save


# region: serve
@app.get("/covers/{cover:uuid}.png")
def show_cover(cover: UUID):
    path = MEDIA / f"{cover}.png"
    if not path.is_file():
        raise HTTPException(404)
    headers = {"X-Content-Type-Options": "nosniff"}
    return FileResponse(path, headers=headers)


# endregion: serve


# region: several
@app.post("/scans", status_code=201)
def add_scans(scans: list[UploadFile]):
    # All are looked at before the first is kept.
    pictures = [as_png(scan) for scan in scans]
    return {"stored": [save(png) for png in pictures]}


# endregion: several
