"""The experiment file: YAML text with positions, overrides, settings objects, JSON Schema."""
