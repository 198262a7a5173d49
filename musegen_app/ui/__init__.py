"""The window. With app.py the only room that imports Qt."""
