"""A download in Flask: `send_file` knows the rules of HTTP."""

from pathlib import Path

from flask import Blueprint, send_file

download = Blueprint("download", __name__)
CATALOGUE = Path(__file__).with_name("catalogue.txt")


# region: download
@download.get("/catalogue")
def catalogue():
    # Range, If-Range, If-None-Match and their answers come with it.
    return send_file(
        CATALOGUE,
        as_attachment=True,
        download_name="Catalogue d'été.txt",
    )


# endregion: download
