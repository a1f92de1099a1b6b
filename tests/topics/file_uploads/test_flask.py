"""Uploads that only Flask has."""

from werkzeug.utils import secure_filename


def test_secure_filename_leaves_a_name_without_a_path():
    """`secure_filename("../../etc/pass wd.png")` is `etc_pass_wd.png`"""
    assert secure_filename("../../etc/pass wd.png") == "etc_pass_wd.png"


def test_secure_filename_may_leave_nothing():
    """`secure_filename("../..")` is the empty string"""
    assert secure_filename("../..") == ""


def test_fields_count_as_parts_of_a_form_like_files(client):
    """`MAX_FORM_PARTS` counts fields, too: a form of four fields is a 413"""
    fields = {name: (None, "1") for name in "abcd"}
    assert client.post("/covers", files=fields).status_code == 413


def test_the_page_says_what_is_missing(client):
    assert "<p>No scan was sent.</p>" in client.post("/scans").text
