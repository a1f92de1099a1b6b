"""Everything about books. It imports no application."""

from fastapi import APIRouter, HTTPException, Request

# region: group
router = APIRouter()


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
    # `request.app` is the shop that answers this request.
    settings = request.app.state.settings
    return {
        "debug": settings.debug,
        "page_size": settings.page_size,
    }
# endregion: group
