"""Without PyTorch, the run of this folder says so by one skipped test at least."""


def test_pytorch_is_installed() -> None:
    from tests.parity.installed import torch

    assert torch.ones(2).sum() == 2
