"""Everything about books. It imports no application."""

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.templating import Jinja2Templates

# region: group
router = APIRouter()
# From this file, not from the folder in which the server starts.
templates = Jinja2Templates(Path(__file__).parent / "templates")


@router.get("/books")
def list_books(request: Request):
    # `request.app` is the shop that answers this request.
    state = request.app.state
    titles = state.warehouse.titles(state.settings.page_size)
    return templates.TemplateResponse(
        request, "books/list.html", {"titles": titles}
    )


@router.get("/books/{book_id}")
def show_book(book_id: int, request: Request):
    title = request.app.state.warehouse.title(book_id)
    if title is None:
        raise HTTPException(404)
    request.session["last"] = book_id  # signed with the key
    return {"id": book_id, "title": title}


@router.get("/last")
def show_last(request: Request):
    return {"last": request.session.get("last")}


@router.get("/about")
def about(request: Request):
    settings = request.app.state.settings
    return {
        "debug": settings.debug,
        "page_size": settings.page_size,
    }
# endregion: group
