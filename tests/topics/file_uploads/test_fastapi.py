"""Uploads that only FastAPI has."""

import threading

from tests.topics.file_uploads.conftest import picture


def test_the_limit_of_files_does_not_count_fields(client):
    """`max_files` counts files, not fields: four fields beside a cover are taken"""
    fields = {name: (None, "1") for name in "abcd"}
    cover = {"cover": ("front.png", picture(), "image/png")}
    assert client.post("/covers", files={**fields, **cover}).status_code == 201


def test_a_picture_is_decoded_in_another_thread(client, snippet, monkeypatch):
    """A picture is decoded in another thread than the event loop's"""
    threads = set()
    opened = snippet.Image.open

    def watched(*args, **options):
        threads.add(threading.current_thread())
        return opened(*args, **options)

    monkeypatch.setattr(snippet.Image, "open", watched)
    client.post("/covers", files={"cover": ("front.png", picture(), "image/png")})
    assert len(threads) == 1
    assert threading.current_thread() not in threads
