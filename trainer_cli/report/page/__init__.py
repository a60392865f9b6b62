"""The page about a run, or about several: one HTML file that needs nothing else, and pictures."""
