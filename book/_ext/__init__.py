"""What the book shows and how: plain modules that all share, and the Sphinx extension."""
