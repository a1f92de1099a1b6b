"""Gates: checks that judge the built book (HTML, EPUB, PDF), each with a figure and a bar.

`python -m book._tools.gates` runs them all; a gate is a function with `@gate` in one of
the modules here.
"""
