"""What the shop sells. Nothing here knows which framework asks."""

import logging

logger = logging.getLogger(__name__)

TITLES = {1: "Dune", 2: "Emma"}


class Warehouse:
    """Stands for a connection: open it once, close it at the end."""

    def __init__(self):
        self.is_open = True
        logger.info("The warehouse opens.")

    def titles(self, most):
        return [*TITLES.values()][:most]

    def title(self, book_id):
        return TITLES.get(book_id)

    def close(self):
        self.is_open = False
        logger.info("The warehouse closes.")
