"""The piano roll: ruler, keys, notes, velocity lane and overview over one shared view."""
