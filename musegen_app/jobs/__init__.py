"""Background work: the newest request wins, cancel, errors handed over."""
