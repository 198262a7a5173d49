"""Run before the frozen program: music21 complains on stderr where matplotlib cannot be found, though nothing here draws."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

stand_in = ModuleType("matplotlib")
stand_in.__spec__ = ModuleSpec("matplotlib", None)
sys.modules["matplotlib"] = stand_in
