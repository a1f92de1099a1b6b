"""Why the reader can believe the book. `plugin.py` is the way in."""
