"""Contract of the chapter on uploads."""

import gc
import re
import struct
import zlib
from contextlib import nullcontext
from hashlib import shake_256
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile, PngImagePlugin

from tests.harness.bodies import offer
from tests.harness.differs import differs, only
from tests.topics.file_uploads.conftest import UUID, picture

MAGIC = b"\x89PNG\r\n\x1a\n"
SCRIPT = b"<script>alert(document.domain)</script>"
NEEDED = "A small PNG or JPEG picture is needed."
MULTIPART = {"content-type": "multipart/form-data; boundary=page"}
PNG = picture()
COVER = b'name="cover"; filename="front.png"'


def upload(client, content=PNG, name="front.png", field="cover"):
    return client.post("/covers", files={field: (name, content, "image/png")})


def kept(media):
    """What lies in the folder for pictures."""
    return sorted(media.iterdir()) if media.exists() else []


def part(head, content):
    """A multipart body of one part, as httpx2 would never send it."""
    return b"--page\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n--page--\r\n" % (
        head,
        content,
    )


def status_is(response, expected):
    """The status is the number with which a cell of the table begins."""
    assert str(response.status_code) == str(expected)[:3]


def pixels(content):
    with Image.open(BytesIO(content)) as image:
        return image.size, list(image.convert("RGBA").get_flattened_data())


# The name


@differs(flask="as it was sent", fastapi="as it was sent", django="`pass wd.png`")
def test_the_name_that_the_client_sent(client, expected):
    """A file called `../../etc/pass wd.png`: the name your code gets

    It is the `filename` of `request.files`, of an `UploadFile`, the `name` in `request.FILES`.
    """
    sent = upload(client, name="../../etc/pass wd.png").json()["sent"]
    assert sent == ("pass wd.png" if "pass" in expected else "../../etc/pass wd.png")


@differs(flask="`....a.png`", fastapi="as it was sent", django="`a.png`")
def test_a_name_with_backslashes(client, expected):
    """A file called `..\\..\\a.png`: the name your code gets"""
    body = part(rb'name="cover"; filename="..\..\a.png"', PNG)
    sent = client.post("/covers", content=body, headers=MULTIPART).json()["sent"]
    assert sent == (r"..\..\a.png" if "sent" in expected else expected.strip("`"))


@differs(flask="`C:dira.png`", fastapi="`a.png`", django="`a.png`")
def test_a_name_that_begins_with_a_drive(client, expected):
    """A file called `C:\\dir\\a.png`: the name your code gets"""
    body = part(rb'name="cover"; filename="C:\dir\a.png"', PNG)
    sent = client.post("/covers", content=body, headers=MULTIPART).json()["sent"]
    assert sent == expected.strip("`")


# Too large, too many


def send(client, size):
    """An upload whose whole body has that many bytes."""
    content = bytes(size - len(part(COVER, b"")))
    body = part(COVER, content)
    assert len(body) == size
    return client.post("/covers", content=body, headers=MULTIPART)


@differs(flask=413, fastapi=413, django=400)
def test_a_body_that_is_too_large(client, expected):
    """A body of 250,001 bytes, where 250,000 are allowed"""
    assert send(client, 250_001).status_code == expected


def test_a_body_below_the_limit_is_read(client):
    """A body of 249,999 bytes is read, and its file refused: 422"""
    assert send(client, 249_999).status_code == 422


@only("flask", "fastapi")
def test_a_large_upload_is_refused_unread(snippet):
    """An upload of 1,000,000 bytes is a 413 before its first byte is read"""
    assert offer(snippet.app, "/covers", MULTIPART["content-type"], 1_000_000) == (413, 0)


@differs(flask="413, fields count, too", fastapi=400, django=400)
def test_one_file_too_many(client, framework, variant, expected):
    """Four files where three are allowed"""
    # Werkzeug leaves the files that it had opened by then to the garbage collector.
    noticed = framework == "flask" and variant is None
    with pytest.warns(ResourceWarning) if noticed else nullcontext():
        response = client.post("/scans", files=scans(*[PNG] * 4))
        gc.collect()
    status_is(response, expected)


@differs(
    flask="gunicorn: 201; waitress: 201",
    fastapi="uvicorn: 201",
    django="gunicorn: 422; uvicorn: 422",
)
def test_what_a_server_makes_of_an_upload_in_chunks(stacks, framework, expected):
    """An upload sent in chunks, without `Content-Length`"""
    said = []
    for stack in stacks(framework):
        with stack.client() as client:
            pieces = iter([part(COVER, PNG)])
            response = client.post("/covers", content=pieces, headers=MULTIPART)
        said.append(f"{stack.server}: {response.status_code}")
    assert "; ".join(said) == expected


# What is kept


def test_an_upload_is_kept_under_a_name_of_our_own(client, media):
    """An upload is kept under a name of our own, a UUID"""
    response = upload(client)
    assert response.status_code == 201
    stored = response.json()["stored"]
    assert response.json() == {"sent": "front.png", "stored": stored}
    assert re.fullmatch(rf"{UUID}\.png", stored)
    assert [file.name for file in kept(media)] == [stored]


def test_two_uploads_of_one_name_do_not_meet(client, media):
    first, second = (upload(client).json()["stored"] for _ in range(2))
    assert [file.name for file in kept(media)] == sorted({first, second})


def test_a_picture_comes_back_with_its_pixels(client):
    content = picture((3, 5), "orange")
    stored = upload(client, content).json()["stored"]
    response = client.get(f"/covers/{stored}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert pixels(response.content) == pixels(content)


def test_a_jpeg_becomes_a_png(client):
    stored = upload(client, picture(kind="JPEG", quality=95)).json()["stored"]
    answer = client.get(f"/covers/{stored}").content
    assert answer.startswith(MAGIC)
    assert pixels(answer)[0] == (4, 2)


def test_transparency_stays(client):
    file = BytesIO()
    Image.new("RGBA", (2, 2), (1, 2, 3, 0)).save(file, "PNG")
    stored = upload(client, file.getvalue()).json()["stored"]
    assert pixels(client.get(f"/covers/{stored}").content) == ((2, 2), [(1, 2, 3, 0)] * 4)


def test_a_picture_is_turned_as_the_camera_was_held(client):
    """A JPEG of 4 by 2 pixels that says it lies on its side is kept as 2 by 4"""
    content = picture((4, 2), kind="JPEG", exif=exif(0x0112, 6))  # orientation
    stored = upload(client, content).json()["stored"]
    assert pixels(client.get(f"/covers/{stored}").content)[0] == (2, 4)


UNKNOWN = "00000000-0000-4000-8000-000000000000.png"


@pytest.mark.parametrize("name", [UNKNOWN, "front.png", "..%2Fcovers.png", f"{UNKNOWN}.html"])
def test_what_nobody_stored_is_not_found(client, media, name):
    """What nobody stored is a 404, and so is a file in the folder that is called otherwise"""
    media.mkdir()
    (media / "front.png").write_bytes(PNG)
    assert client.get(f"/covers/{name}").status_code == 404


# What is no picture


def comment(text):
    """What a PNG says beside its pixels."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", text)
    return info


def exif(tag, value):
    """What a camera says of a picture."""
    said = Image.Exif()
    said[tag] = value
    return said


POLYGLOTS = {
    "after the picture": PNG + SCRIPT,
    "in a comment": picture(pnginfo=comment(SCRIPT.decode())),
    "in a JPEG's comment": picture(kind="JPEG", comment=SCRIPT),
    "in what the camera says": picture(kind="JPEG", exif=exif(0x010E, SCRIPT.decode())),
    "in a colour profile": picture(icc_profile=SCRIPT),
}


@pytest.mark.parametrize("content", POLYGLOTS.values(), ids=POLYGLOTS)
def test_a_script_within_a_picture_is_left_out(client, content):
    """A script behind a real picture, in its comment or in its colour profile is not kept"""
    stored = upload(client, content).json()["stored"]
    answer = client.get(f"/covers/{stored}").content
    assert b"script" not in answer
    with Image.open(BytesIO(answer)) as image:
        assert image.info == {}


def row_of_pixels(seed):
    """A picture one pixel high, of chance and a script: too irregular for zlib to shorten."""
    chance = shake_256(str(seed).encode()).digest(800)
    text = SCRIPT + b" " * (-len(SCRIPT) % 4)
    row = chance[:400] + text + chance[400:]
    file = BytesIO()
    Image.frombytes("RGBA", (len(row) // 4, 1), row).save(file, "PNG")
    return file.getvalue()


def test_a_script_can_be_spelt_in_pixels(client):
    """A picture whose pixels spell `<script>` is kept with it, and served with `nosniff`"""
    content = next(row for row in map(row_of_pixels, range(1000)) if SCRIPT in row)
    stored = upload(client, content).json()["stored"]
    answer = client.get(f"/covers/{stored}")
    assert SCRIPT in answer.content
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_picture_of_16_bits_is_refused(client, media):
    """A grey PNG of 16 bits, which Pillow would make white, is refused: 422"""
    file = BytesIO()
    Image.frombytes("I;16", (2, 1), b"\x00\x40" * 2).save(file, "PNG")
    with Image.open(file) as grey:
        drawn = Image.new("RGBA", grey.size)
        drawn.paste(grey)
    assert drawn.getpixel((0, 0)) == (255, 255, 255, 255)
    assert upload(client, file.getvalue()).status_code == 422
    assert kept(media) == []


def test_eight_magic_bytes_are_no_picture(client, media):
    """The eight bytes with which a PNG begins, and a script behind them, are refused"""
    content = MAGIC + SCRIPT
    assert len(MAGIC) == 8
    assert upload(client, content).status_code == 422
    assert kept(media) == []


WRONG = {
    "nothing": b"",
    "half a PNG": picture((200, 200))[:-30],
    "a GIF": picture(kind="GIF"),
    "a web page": b"<!doctype html><title>front</title>",
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_what_is_no_whole_png_or_jpeg_is_refused(client, media, content):
    """Nothing, half a PNG, a GIF and a web page are refused: 422

    Flask's and FastAPI's programs `read` the file, Django's `ImageField` does before them.
    """
    assert upload(client, content).status_code == 422
    assert kept(media) == []


@given(
    position=st.integers(0, len(PNG) - 1),
    byte=st.integers(0, 255),
    kind=st.sampled_from(["PNG", "JPEG"]),
)
def test_a_damaged_picture_is_kept_or_refused(client, position, byte, kind):
    """A picture with one byte changed is kept or refused, 201 or 422, and not a 500"""
    content = bytearray(picture(kind=kind))
    content[position] = byte
    assert upload(client, bytes(content)).status_code in (201, 422)


def header_of(width, height):
    """A PNG whose first chunk says another size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG[:12] + head + struct.pack(">I", zlib.crc32(head)) + PNG[33:]


def damaged(position):
    content = bytearray(PNG)
    content[position] = 0
    return bytes(content)


FAILURES = {
    "OSError": PNG[:-30],
    "ValueError": damaged(11),
    "SyntaxError": damaged(36),
    "DecompressionBombError": header_of(60_000, 60_000),
}


@pytest.mark.parametrize("error", FAILURES)
def test_decoders_fail_in_many_ways(client, error):
    """Damaged pictures that Pillow answers with an `OSError`, `SyntaxError` and more are a 422"""
    with pytest.raises(Exception) as raised:  # noqa: PT011 (which one, is told below)
        Image.open(BytesIO(FAILURES[error]), formats=["PNG"]).load()
    assert raised.typename == error
    assert upload(client, FAILURES[error]).status_code == 422


@differs(flask=400, fastapi=422, django=422)
def test_an_upload_without_a_file(client, expected):
    """A form without the file

    Flask asks for `request.files["cover"]`, FastAPI has an `UploadFile`, Django an `ImageField`.
    """
    assert client.post("/covers").status_code == expected
    assert upload(client, field="picture").status_code == expected


@differs(flask="400", fastapi="422", django="422")
def test_text_for_a_file(client, expected):
    """Text where the file belongs, as of a form without `enctype="multipart/form-data"`"""
    body = part(b'name="cover"', PNG)
    response = client.post("/covers", content=body, headers=MULTIPART)
    status_is(response, expected)
    status_is(client.post("/covers", data={"cover": "front.png"}), expected)


def test_no_file_chosen_is_refused(client):
    """A form in which no file was chosen is a 422"""
    body = part(b'name="cover"; filename=""', b"")
    assert client.post("/covers", content=body, headers=MULTIPART).status_code == 422


# Several files


@differs(flask="the first", fastapi="the last", django="the last")
def test_two_files_where_one_is_expected(client, expected):
    """Two files under the name of one: the one your code gets"""
    files = [("cover", ("first.png", PNG)), ("cover", ("last.png", PNG))]
    sent = client.post("/covers", files=files).json()["sent"]
    assert sent == f"{expected.removeprefix('the ')}.png"


def scans(*pictures):
    return [("scans", ("page.png", each, "image/png")) for each in pictures]


def test_several_files_are_kept(client, media):
    response = client.post("/scans", files=scans(PNG, picture((1, 1)), PNG))
    assert response.status_code == 201
    stored = response.json()["stored"]
    assert len(stored) == 3
    assert [file.name for file in kept(media)] == sorted(stored)


def test_one_bad_file_among_several_and_none_is_kept(client, media):
    assert client.post("/scans", files=scans(PNG, b"<script>")).status_code == 422
    assert kept(media) == []


def test_no_file_where_several_may_come_is_refused(client):
    assert client.post("/scans", data={"scans": "text"}).status_code == 422
    assert client.post("/scans").status_code == 422


# Limits


def noise(size):
    """A picture that is `size` bytes long: what a PNG does not know, it passes over."""
    rest = size - len(PNG)
    return PNG + b"x" * rest


def test_a_picture_of_the_allowed_size_is_kept(client):
    """A picture of 100,000 bytes is kept"""
    assert upload(client, noise(100_000)).status_code == 201


def test_a_picture_of_one_byte_too_many_is_refused(client, media):
    """A picture of 100,001 bytes is refused by `as_png`: 422"""
    assert upload(client, noise(100_001)).status_code == 422
    assert kept(media) == []


class Endless:
    """An upload without end, which notes what is asked of it."""

    def __init__(self):
        self.asked = []
        self.file = self

    def read(self, size=-1):
        self.asked.append(size)
        return bytes(size)


def test_one_byte_too_many_is_read_and_no_more(snippet):
    """`as_png` reads 100,001 bytes of an upload without end, and refuses it"""
    upload = Endless()
    with pytest.raises(Exception, match=NEEDED):
        snippet.as_png(upload)
    assert upload.asked == [100_001]


def test_a_picture_of_a_million_pixels_is_kept(client):
    """A picture of 1,000 by 1,000 pixels is kept"""
    assert upload(client, picture((1000, 1000))).status_code == 201


def grey(width, height):
    """A picture in which eight pixels are a byte, and all are equal."""
    file = BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


HUGE = {
    "1,000,001 pixels": grey(101, 9901),
    "25,000,000 pixels": grey(5000, 5000),
    "3,600,000,000, in its head": header_of(60_000, 60_000),
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_a_small_file_that_is_a_huge_picture_is_refused(client, media, monkeypatch, content):
    """A file of less than 100,000 bytes that is 25,000,000 pixels is refused before it is decoded

    Its width and height are in its head, so the answer is a 422 and no pixel was decoded.
    """
    decoded = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda file: decoded.append(file))
    assert len(content) < 100_000
    assert upload(client, content).status_code == 422
    assert decoded == []
    assert kept(media) == []


# Answers


@differs(flask="422, HTML", fastapi="422, `detail`", django="422, `errors`")
def test_a_file_that_only_calls_itself_an_image_is_refused(client, media, expected):
    """`<script>` sent as `front.png`, `Content-Type: image/png`"""
    response = upload(client, b"<script>")
    status_is(response, expected)
    if "HTML" in expected:
        assert f"<p>{NEEDED}</p>" in response.text
    elif "detail" in expected:
        assert response.json() == {"detail": NEEDED}
    else:
        assert set(response.json()) == {"errors"}
        assert set(response.json()["errors"]) == {"cover"}
    assert kept(media) == []


# Nothing configured


def test_three_megabytes_of_file_without_limits(plain):
    """Nothing configured: a file of 3 MB is read by all three"""
    response = plain.post("/files", files={"files": ("a.txt", b"x" * 3_000_000)})
    assert response.status_code == 200
    assert response.json() == {"files": 1}


@differs(flask=200, fastapi=200, django=400)
def test_101_files_without_limits(plain, expected):
    """Nothing configured: a form of 101 files; with 100 it is read by all three"""
    file = ("files", ("a.txt", b"x"))
    assert plain.post("/files", files=[file] * 100).json() == {"files": 100}
    status_is(plain.post("/files", files=[file] * 101), expected)


@differs(flask="512,000", fastapi="1,048,576", django="2,621,440, of the whole body")
def test_where_a_large_file_waits(plain, tmp_path, expected):
    """Nothing configured: the bytes of a file that are held in memory; more are written to disk

    The file is then copied piece by piece by `save`, `shutil.copyfileobj` or `default_storage.save`.
    """
    limit = int(expected.split()[0].replace(",", ""))
    for size, on_disk in [(limit - 1000, False), (limit + 1000, True)]:
        content = shake_256().digest(size)
        response = plain.post("/copies", files={"file": ("a.bin", content)})
        assert response.json() == {"disk": on_disk}
        assert (tmp_path / "copy").read_bytes() == content
        (tmp_path / "copy").unlink()
