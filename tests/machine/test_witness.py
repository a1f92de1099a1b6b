"""What the record of an exchange keeps."""

import httpx2

from tests.harness.witness import exchange

VOLATILE = {r"(?<=token=)[^&;]+": "(token)"}


def said(body):
    request = httpx2.Request(
        "POST", "http://testserver/", headers={"cookie": "token=1a; theme=dark"}, content=body
    )
    headers = {"set-cookie": "token=2b; Path=/"}
    return httpx2.Response(200, headers=headers, content=b"token=3c", request=request)


def test_what_is_another_at_each_run_is_named_in_headers_and_bodies():
    kept = exchange(said(b"text=x&token=4d"), VOLATILE)
    assert kept.request.headers == {"cookie": "token=(token); theme=dark"}
    assert kept.request.body == "text=x&token=(token)"
    assert kept.response.headers["set-cookie"] == "token=(token); Path=/"
    assert kept.response.body == "token=(token)"


def test_what_is_not_said_to_be_volatile_is_kept_as_it_was():
    kept = exchange(said(b"token=4d"), {})
    assert kept.request.headers == {"cookie": "token=1a; theme=dark"}
    assert kept.request.body == "token=4d"
    assert kept.response.body == "token=3c"


def test_the_boundary_of_a_multipart_body_is_the_same_in_every_record():
    request = httpx2.Request("POST", "http://testserver/", files={"cover": b"x"})
    request.read()
    kept = exchange(httpx2.Response(204, request=request), {}).request
    assert kept.headers["content-type"] == "multipart/form-data; boundary=boundary"
    assert kept.body.startswith("--boundary\r\n")
