"""The families at work in the training room, one file each: see :mod:`musegen_app.training.task`."""
