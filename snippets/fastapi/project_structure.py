"""A bookshop in one file, with FastAPI.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.project_structure import app
>>> TestClient(app).get("/books/1").json()
{'id': 1, 'title': 'Dune'}
"""

# region: one-file
from fastapi import FastAPI, HTTPException

TITLES = {1: "Dune", 2: "Emma"}

app = FastAPI()


@app.get("/books/{book_id}")
def show_book(book_id: int):
    if book_id not in TITLES:
        raise HTTPException(404)
    return {"id": book_id, "title": TITLES[book_id]}
# endregion: one-file
