"""The places of the window: transport, tracks, generate, status. They show values and send signals; flows do the work."""
