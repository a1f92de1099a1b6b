"""A part that others plug in: in Flask it is an extension."""

from collections import deque

from flask import Blueprint, Flask, current_app, request

# region: part
pages = Blueprint("recent", __name__)


@pages.get("/recent")
def show_recent():
    return [*current_app.extensions["recent"]]


class Recent:
    """Remembers which paths were asked for last."""

    def init_app(self, app):
        # Kept on the app, not on self: two apps, two memories.
        app.extensions["recent"] = deque(maxlen=5)
        app.before_request(self.remember)
        app.register_blueprint(pages)

    def remember(self):
        current_app.extensions["recent"].append(request.path)
# endregion: part


# region: plug
recent = Recent()


def create_app():
    app = Flask(__name__)
    recent.init_app(app)  # the one line that plugs it in
    return app
# endregion: plug
