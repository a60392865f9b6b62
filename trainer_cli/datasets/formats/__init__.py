"""Readers of file formats that trust nothing a file says about itself."""
