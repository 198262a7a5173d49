"""Tools: pure state machines from pointer events to previews and changes. Preview and commit use the same result."""
