"""What `fastapi run` and other servers import."""

from .application import create_app

app = create_app()
