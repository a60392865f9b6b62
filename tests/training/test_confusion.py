"""Confusion matrices, precision and recall, by hand."""

import numpy as np

from trainer_cli.training.confusion import (
    ClassFigures,
    by_class,
    confusion_matrix,
    taken_for,
    worst_pairs,
)

LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 0, 1])


def test_classes_are_rows_and_what_they_were_taken_for_columns():
    matrix = confusion_matrix(LABELS, PREDICTED, 4)
    assert matrix.tolist() == [[2, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_figures_of_the_classes():
    figures = by_class(confusion_matrix(LABELS, PREDICTED, 4))
    assert figures == [
        ClassFigures(examples=3, predicted=3, precision=2 / 3, recall=2 / 3),
        ClassFigures(examples=2, predicted=3, precision=1 / 3, recall=1 / 2),
        ClassFigures(examples=1, predicted=0, precision=None, recall=0.0),
        ClassFigures(examples=0, predicted=0, precision=None, recall=None),
    ]


def test_the_most_frequent_mistakes_come_first():
    matrix = np.array([[9, 2, 0], [5, 9, 1], [0, 0, 9]])
    assert worst_pairs(matrix, 2) == [(1, 0, 5), (0, 1, 2)]
    assert worst_pairs(np.eye(3, dtype=int), 5) == []


def test_a_tie_is_no_right_answer():
    scores = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 2.0, 2.0], [0.0, 2.0, 1.0]])
    assert taken_for(scores, np.array([0, 0, 0, 1])).tolist() == [1, 2, 1, 1]
    stacked = np.stack([scores, scores[::-1]], axis=1)  # (N, M, C)
    taken = taken_for(stacked, np.zeros((4, 1), np.intp))
    assert taken.tolist() == [[1, 1], [2, 1], [1, 2], [1, 1]]
