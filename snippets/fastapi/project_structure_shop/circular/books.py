"""Routes that need something of the shop."""

from fastapi import APIRouter

from .shop import PAGE_SIZE

router = APIRouter()


@router.get("/books")
def list_books():
    return ["Dune", "Emma"][:PAGE_SIZE]
