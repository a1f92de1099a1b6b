"""Request handling that only Flask has."""

from io import BytesIO

from werkzeug.utils import secure_filename


def test_the_messages_of_a_view_are_its_own(client):
    assert client.post("/scans").json() == {"errors": {"scans": ["A file is needed."]}}


def test_secure_filename_leaves_a_name_without_a_path():
    """`secure_filename("../../etc/pass wd.png")` is `etc_pass_wd.png`"""
    assert secure_filename("../../etc/pass wd.png") == "etc_pass_wd.png"


def test_secure_filename_may_leave_nothing():
    """`secure_filename("../..")` is the empty string"""
    assert secure_filename("../..") == ""


def test_fields_count_as_parts_of_a_form_like_files(client):
    """`MAX_FORM_PARTS` counts fields, too"""
    data = {"name": "Ada", "newsletter": "on", "a": "1", "b": "2"}
    response = client.post("/customers", files={key: (None, value) for key, value in data.items()})
    assert response.status_code == 413
    assert response.json() == {"error": "request entity too large"}


def chunked(snippet, content, **environ):
    """The answer to a `PUT` without `Content-Length`."""
    return snippet.app.test_client().put(
        "/stock",
        input_stream=BytesIO(content),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides=environ,
    )


def test_a_chunked_body_is_read_up_to_the_limit(snippet):
    ends = {"wsgi.input_terminated": True}
    assert chunked(snippet, b"\n" * 19_999, **ends).json == {"lines": 19_999}
    assert chunked(snippet, b"\n" * 20_001, **ends).status_code == 413


def test_a_chunked_body_is_empty_where_the_server_does_not_say_that_it_ends(snippet):
    """A chunked body is read as empty unless the server sets `wsgi.input_terminated`"""
    assert chunked(snippet, b"\n\n").json == {"lines": 0}
