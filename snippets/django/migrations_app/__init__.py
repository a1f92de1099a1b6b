"""A Django app with a history: models, and the steps to them."""
