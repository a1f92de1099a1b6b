"""The commands behind noxfile.py, one module each: `python -m book._tools.<name>`."""
