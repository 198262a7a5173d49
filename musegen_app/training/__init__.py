"""Training, export and evaluation of models (extra ``train``); the only room that imports torch."""
