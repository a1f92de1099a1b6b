"""The Django app that all topics belong to. Its label is the prefix of their tables."""

from django.apps import AppConfig


class Bookshop(AppConfig):
    name = "snippets.django"
    label = "bookshop"
