"""PyTorch models, one file a family."""
