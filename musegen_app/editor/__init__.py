"""What the window shows, without Qt: document, viewport, grid, selection, tools, clipboard."""
