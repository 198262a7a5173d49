"""From notes to model input and back; one module a model family. Pure."""
