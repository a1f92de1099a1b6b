"""TITLE in FastAPI: say the essence in one sentence.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.TOPIC import app
>>> TestClient(app).get("/books/1").json()
{'id': 1, 'title': 'Dune'}
"""

from fastapi import FastAPI

app = FastAPI()


# region: first-region
@app.get("/books/{book_id}")
def show_book(book_id: int):
    return {"id": book_id, "title": "Dune"}
# endregion: first-region
