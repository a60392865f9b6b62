"""PyTorch, for all tests of this folder; where it is not installed they are skipped."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
torch.set_num_threads(1)  # what is computed here is too small for more
