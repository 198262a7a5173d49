"""ONNX graphs of the families, one file each."""
