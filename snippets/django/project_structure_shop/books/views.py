"""Everything about books. It imports no project."""

from django.apps import apps
from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import render

# region: group


def list_books(request):
    # `settings` are the process's: there is no other shop in it.
    warehouse = apps.get_app_config("books").warehouse
    titles = warehouse.titles(settings.PAGE_SIZE)
    return render(request, "books/list.html", {"titles": titles})


def show_book(request, book_id):
    title = apps.get_app_config("books").warehouse.title(book_id)
    if title is None:
        raise Http404
    request.session["last"] = book_id  # signed with the key
    return JsonResponse({"id": book_id, "title": title})


def show_last(request):
    return JsonResponse({"last": request.session.get("last")})


def about(request):
    return JsonResponse(
        {"debug": settings.DEBUG, "page_size": settings.PAGE_SIZE}
    )
# endregion: group
