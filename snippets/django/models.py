"""Django looks for models here; each topic keeps its own, so they are imported."""

from snippets.django.orm import Author, Book, Sale  # noqa: F401 (for Django)
