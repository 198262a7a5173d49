"""Small controls the panels are made of, drawn with the window's tokens."""
