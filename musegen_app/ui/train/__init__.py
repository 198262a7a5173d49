"""Training beside the window: what is chosen, how it goes, what becomes of it."""
