"""The published benchmarks of Boulanger-Lewandowski (2012): frames of piano rolls, test nats a frame."""
