"""What pytest, Sphinx and the commands share; it imports nothing else of the book."""
