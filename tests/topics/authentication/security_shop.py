"""A shop with Flask-Security: one page for customers, and all else from the package."""

import flask
from flask_security import FSQLALiteUserDatastore, Security, auth_required, hash_password
from flask_security.models import sqla
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
JSON = {"Accept": "application/json"}


class Base(DeclarativeBase):
    pass


sqla.FsModels.set_db_info(base_model=Base)


class Role(Base, sqla.FsRoleMixin):
    __tablename__ = "role"


class User(Base, sqla.FsUserMixin):
    __tablename__ = "user"


def create_app(**more):
    """The application, and what gives it its users; Ada has an account."""
    app = flask.Flask(__name__)
    app.config.update(
        SECRET_KEY="k" * 32,
        SECURITY_PASSWORD_SALT="s" * 32,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SQLALCHEMY_ENGINES={"default": "sqlite://"},
        **more,
    )
    app.testing = True
    db = SQLAlchemy(app)
    users = FSQLALiteUserDatastore(db, User, Role)
    Security(app, users)

    @app.get("/account")
    @auth_required("token", "session")
    def account():
        return "Hello"

    with app.app_context():
        Base.metadata.create_all(db.engine)
        users.create_user(email=EMAIL, password=hash_password(PASSWORD))
        db.session.commit()
    return app, users


def log_in(client, email=EMAIL, password=PASSWORD):
    """As a script of the shop's own page does: with the token against forged forms."""
    token = client.get("/login", headers=JSON).json["response"]["csrf_token"]
    fields = {"email": email, "password": password, "csrf_token": token}
    return client.post("/login?include_auth_token", json=fields, headers=JSON)


def account(client, **headers):
    return client.get("/account", headers={**JSON, **headers}).status_code
