"""The routes of the project: which app answers what."""

from django.urls import include, path

urlpatterns = [path("", include("books.urls"))]
