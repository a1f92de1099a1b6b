"""What Django has to know of this app."""

import atexit

from django.apps import AppConfig

from .warehouse import Warehouse


# region: ready
class BooksConfig(AppConfig):
    name = "books"

    def ready(self):
        # In a server, but also before commands of manage.py.
        self.warehouse = Warehouse()
        # Django calls nothing when a server stops.
        atexit.register(self.warehouse.close)
# endregion: ready
