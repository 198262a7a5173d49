"""Models at work: manifests, sessions, sampling, constraints, continuation. No threads, no Qt, no torch."""
