"""Predictions as CSV, a line for each example, and as JSON."""

from __future__ import annotations

import csv
from io import StringIO

from trainer_cli.report.report import Report
from trainer_cli.training.predictions import Predictions

DIGITS = 9  # what float32 holds, so that nothing of a network's answer is lost
PREFIXES = {"probabilities": "p", "scores": "s"}


def predictions_report(predictions: Predictions) -> Report:
    """Return the predictions: in text as CSV alone, so that it can go to a file or a pipe."""
    names = predictions.class_names
    results = {
        "networks": predictions.networks,
        "averaged": predictions.averaged,
        "classes": names,
        "predictions": [
            {"class": names[label], predictions.averaged: values}
            for label, values in zip(
                predictions.predicted.tolist(), predictions.values.tolist(), strict=True
            )
        ],
    }
    found = predictions.unfinished
    warned = () if found is None or found.status == "skip" else (found,)
    return Report(findings=warned, results=results, text=predictions_csv(predictions))


def predictions_csv(predictions: Predictions) -> str:
    """Return a line for each example: its class, then the probability of every class.

    The header is class,p_<name>,...; for networks that give scores it is class,s_<name>,...
    """
    names, prefix = predictions.class_names, PREFIXES[predictions.averaged]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["class", *(f"{prefix}_{name}" for name in names)])
    for label, values in zip(predictions.predicted, predictions.values, strict=True):
        writer.writerow([names[label], *(f"{value:.{DIGITS}g}" for value in values)])
    return text.getvalue()
