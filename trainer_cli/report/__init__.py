"""Findings and runs as text and JSON: what output looks like is decided here."""
