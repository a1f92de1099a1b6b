"""The routes of this app."""

from django.urls import path

from . import views

urlpatterns = [
    path("books", views.list_books),
    path("books/<int:book_id>", views.show_book),
    path("last", views.show_last),
    path("about", views.about),
]
