"""How far a run came and its best epoch, in a sentence."""

from dataclasses import replace

from tests.report.page.histories import SETTING, diverged, history
from trainer_cli.report.training_report import history_line


def test_by_accuracy():
    assert history_line(history(), ", 0.50 s") == (
        "finished after 5 epochs (100 updates, 0.50 s); best validation accuracy 70.0% in epoch 4 "
        "(the largest class alone: 10.0%)"
    )


def test_by_loss_the_best_epoch_is_another():
    by_loss = history(setting=replace(SETTING, best_by="validation_loss"))
    assert history_line(by_loss) == (
        "finished after 5 epochs (100 updates); lowest validation loss 0.2400 in epoch 5, with "
        "accuracy 69.0% (the largest class alone: 10.0%)"
    )


def test_without_an_epoch():
    assert history_line(diverged()) == "diverged after 0 epochs (10 updates)"


def test_while_it_goes_on():
    assert history_line(history(stopped=None)).startswith("not ended after 5 epochs (100 updates);")
