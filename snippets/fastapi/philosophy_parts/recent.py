"""A part that others plug in: in FastAPI it is a dependency."""

from collections import deque

from fastapi import APIRouter, Depends, FastAPI, Request

# region: part
pages = APIRouter()


@pages.get("/recent")
def show_recent(request: Request):
    return [*request.app.state.recent]


async def remember(request: Request):  # what Depends() will call
    """Remembers which paths were asked for last."""
    request.app.state.recent.append(request.url.path)
# endregion: part


# region: plug
def create_app():
    app = FastAPI(dependencies=[Depends(remember)])
    app.state.recent = deque(maxlen=5)
    app.include_router(pages)
    return app
# endregion: plug
