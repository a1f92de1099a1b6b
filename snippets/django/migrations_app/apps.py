"""The app's name in commands and the prefix of its tables."""

from django.apps import AppConfig


class Catalogue(AppConfig):
    name = "snippets.django.migrations_app"
    label = "catalogue"
