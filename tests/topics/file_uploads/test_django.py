"""Uploads that only Django has."""

from io import BytesIO

import pytest
from django import forms
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse

from tests.harness.bodies import offer
from tests.topics.file_uploads.conftest import picture
from tests.topics.file_uploads.test_contract import send

MULTIPART = "multipart/form-data; boundary=page"


def test_under_wsgi_a_large_upload_is_refused_unread(snippet):
    """Under WSGI an upload of 1,000,000 bytes is a 400 before its first byte is read"""
    assert offer(WSGIHandler(), "/covers", MULTIPART, 1_000_000) == (400, 0)


def test_under_asgi_a_large_upload_is_read_whole_before_it_is_refused(snippet):
    """Under ASGI all of 1,000,000 bytes are read before the 400"""
    assert offer(ASGIHandler(), "/covers", MULTIPART, 1_000_000) == (400, 1_000_000)


def test_the_form_says_what_is_wrong(client):
    response = client.post("/covers", files={"cover": ("front.png", b"<script>", "image/png")})
    assert response.json() == {
        "errors": {
            "cover": [
                "Upload a valid image. The file you uploaded was either not an image or a "
                "corrupted image."
            ]
        }
    }


def test_a_picture_that_may_be_missing_is_none(snippet):
    assert snippet.PictureField(required=False).clean(None) is None


def test_a_form_that_is_not_given_the_files(snippet):
    """Without `request.FILES` a form says that its file is missing"""
    form = snippet.CoverForm({"cover": "front.png"})
    assert form.errors == {"cover": ["This field is required."]}


def test_an_image_field_does_not_redraw():
    """What an `ImageField` has checked is what was sent, a script behind the picture included"""
    content = picture() + b"<script>"
    file = SimpleUploadedFile("front.png", content, "image/png")
    assert forms.ImageField().clean(file).read() == content


def test_the_handler_is_asked_about_multipart_forms_alone(client):
    """A form of 250,001 bytes that is not multipart is a 422, and one of 2,621,441 a 400

    The upload handler is not asked; `DATA_UPLOAD_MAX_MEMORY_SIZE` is 2,621,440.
    """
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for size, status in [(250_001, 422), (2_621_440, 422), (2_621_441, 400)]:
        body = b"a=" + b"x" * (size - 2)
        assert client.post("/covers", content=body, headers=headers).status_code == status


def test_a_file_that_django_does_not_hold_in_memory_goes_to_the_next_handler(
    client, snippet, monkeypatch
):
    """Where 4,000,000 bytes are allowed, a file of 3,000,000 bytes reaches the form"""
    monkeypatch.setattr(snippet, "MAX_BODY", 4_000_000)
    content = picture() + bytes(3_000_000)
    response = client.post("/covers", files={"cover": ("front.png", content, "image/png")})
    assert response.json() == {"errors": {"cover": ["A small PNG or JPEG picture is needed."]}}


def test_without_a_next_handler_a_large_file_is_missing(client, snippet, settings, monkeypatch):
    """With `SmallUploads` alone the same file vanishes: "This field is required." """
    monkeypatch.setattr(snippet, "MAX_BODY", 4_000_000)
    settings.FILE_UPLOAD_HANDLERS = settings.FILE_UPLOAD_HANDLERS[:1]
    content = picture() + bytes(3_000_000)
    response = client.post("/covers", files={"cover": ("front.png", content, "image/png")})
    assert response.json() == {"errors": {"cover": ["This field is required."]}}


def test_the_form_says_what_is_missing(client):
    answer = {"errors": {"scans": ["This field is required."]}}
    assert client.post("/scans").json() == answer


def test_a_body_of_the_allowed_size_is_read(client):
    """A body of 250,000 bytes is read, and its file refused: 422"""
    assert send(client, 250_000).status_code == 422


def test_an_image_field_takes_formats_that_the_listing_refuses(client):
    """An `ImageField` takes a GIF; what refuses it here is `as_png`"""
    response = client.post("/covers", files={"cover": ("a.gif", picture(kind="GIF"), "image/gif")})
    assert response.json() == {"errors": {"cover": ["A small PNG or JPEG picture is needed."]}}


def test_an_image_field_looks_at_the_name_too(client):
    """A picture called `front.exe` is refused by `ImageField`"""
    response = client.post("/covers", files={"cover": ("front.exe", picture(), "image/png")})
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("method", "url", "allowed"),
    [
        ("GET", "/covers", "POST"),
        ("GET", "/scans", "POST"),
        ("OPTIONS", "/covers/00000000-0000-4000-8000-000000000000.png", "GET, HEAD"),
    ],
)
def test_each_view_names_its_methods(client, method, url, allowed):
    response = client.request(method, url)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed


async def test_a_file_response_warns_under_asgi():
    """A `FileResponse` warns under ASGI, because its file is read by a synchronous iterator"""
    with pytest.warns(Warning, match="synchronous iterators"):
        assert [chunk async for chunk in FileResponse(BytesIO(b"png"))] == [b"png"]


def test_the_log_says_that_an_upload_was_too_large(client, caplog):
    client.post("/covers", files={"cover": b"x" * 250_000})
    (said,) = [record for record in caplog.records if "security" in record.name]
    assert said.getMessage() == "too big an upload"
    assert said.exc_info[0] is RequestDataTooBig
