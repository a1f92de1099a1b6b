"""A shop that imports its views, which import the shop."""

from flask import Flask

from . import books  # which asks for `app`, not yet there

app = Flask(__name__)
