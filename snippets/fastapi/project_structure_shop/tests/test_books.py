"""Run by pytest, with settings that no environment gives."""

from fastapi.testclient import TestClient
from shop.application import create_app
from shop.config import Settings

KEY = "only-for-tests-and-long-enough-for-it"


def test_a_small_page():
    app = create_app(Settings(secret_key=KEY, page_size=1))
    with TestClient(app) as client:  # enters the lifespan
        page = client.get("/books").text
    assert "Dune" in page
    assert "Emma" not in page
