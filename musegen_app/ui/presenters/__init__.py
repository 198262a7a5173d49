"""Presenters keep one place of the window in step with the document and the flows, and hand the user's choices on."""
