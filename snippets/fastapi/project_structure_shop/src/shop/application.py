"""The shop: `create_app` makes one, as often as asked."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from itsdangerous import TimestampSigner
from starlette.middleware.sessions import SessionMiddleware

from .books import routes
from .books.warehouse import Warehouse
from .config import read_settings


# region: factory
@asynccontextmanager
async def lifespan(app):
    """Around the life of the server, not around a request."""
    app.state.warehouse = Warehouse()
    yield  # here it answers requests
    app.state.warehouse.close()


def create_app(settings=None):
    """A shop with these settings, else with the environment's."""
    if settings is None:
        settings = read_settings()
    app = FastAPI(debug=settings.debug, lifespan=lifespan)
    app.state.settings = settings
    app.add_middleware(Sessions, keys=settings.keys)
    app.include_router(routes.router)
    return app
# endregion: factory


# region: fallbacks
class Sessions(SessionMiddleware):
    """Starlette's takes one key; the signer in it takes more."""

    def __init__(self, app, keys):
        super().__init__(app, keys[0])
        # The last key signs, each of them may have signed before.
        self.signer = TimestampSigner([*reversed(keys)])
# endregion: fallbacks
