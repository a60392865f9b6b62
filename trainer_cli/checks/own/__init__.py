"""The recipe for a network of one's own, of which nothing is known but what it answers."""
