"""Experiment files that cases start from: sound, small, and quick to check."""

# The built-in digits, as most people would train them.
DIGITS = """\
data:
  source: digits
  preprocess: [{type: scale, by: 16}, center]
network: [{type: dense, units: 50}, relu, {type: dense, units: 10}]
optimizer: {type: momentum, learning_rate: 0.03}
training: {epochs: 3, batch_size: 32}
"""

# The same with convolutions.
CONVOLUTIONAL = """\
data:
  source: digits
  preprocess: [{type: scale, by: 16}, center]
network:
  - {type: conv, filters: 8, kernel: 3}
  - relu
  - max_pool
  - flatten
  - {type: dense, units: 10}
optimizer: {type: momentum, learning_rate: 0.02}
training: {epochs: 3, batch_size: 32}
"""

# Gaussian blobs, which a two-layer network learns easily.
BLOBS = """\
data:
  source: synthetic
  kind: blobs
  classes: 3
  examples: 300
  preprocess: [standardize]
network: [{type: dense, units: 20}, relu, {type: dense, units: 3}]
optimizer: {type: momentum, learning_rate: 0.05}
training: {epochs: 5, batch_size: 20}
"""

# Arrays that the case brings itself.
ARRAYS = """\
data:
  source: npz
  path: data.npz
  preprocess: [standardize]
network: [{type: dense, units: 50}, relu, {type: dense, units: 10}]
optimizer: {type: momentum, learning_rate: 0.03}
training: {epochs: 3, batch_size: 32}
"""

# A network in Python, on the digits.
OWN = """\
data:
  source: digits
  preprocess: [{type: scale, by: 16}, center]
network: {import: "network.py:build"}
optimizer: {type: momentum, learning_rate: 0.03}
training: {epochs: 3, batch_size: 32}
"""
