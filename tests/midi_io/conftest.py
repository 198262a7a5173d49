from jack_server import jack, receiver

__all__ = ["jack", "receiver"]
