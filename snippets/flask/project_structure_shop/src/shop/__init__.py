"""The shop as a package: `create_app` makes one, as often as asked."""

import atexit

from flask import Flask

from .books import routes
from .books.warehouse import Warehouse
from .config import check, read_environment


# region: factory
def create_app(config=None):
    """A shop with these settings, else with the environment's."""
    app = Flask(__name__)
    app.config.from_mapping(
        PAGE_SIZE=20,
        SECRET_KEY_FALLBACKS=[],
        # The others' default: no cookie with another site's POST.
        SESSION_COOKIE_SAMESITE="Lax",
    )
    if config is None:
        read_environment(app.config)
    else:
        app.config.from_mapping(config)
    check(app.config)

    # Flask calls nothing when a server starts or stops.
    warehouse = Warehouse()
    atexit.register(warehouse.close)
    app.extensions["warehouse"] = warehouse

    app.register_blueprint(routes.bp)
    return app
# endregion: factory
