"""Run by pytest, with settings that no environment gives."""

from shop import create_app

SETTINGS = {
    "SECRET_KEY": "only-for-tests-and-long-enough-for-it",
    "TESTING": True,  # errors are raised, not answered
}


def test_a_small_page():
    client = create_app({**SETTINGS, "PAGE_SIZE": 1}).test_client()
    page = client.get("/books").text
    assert "Dune" in page
    assert "Emma" not in page
