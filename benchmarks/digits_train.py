"""Measures `nntrain train` on the built-in digits against the same training with scikit-learn.

Usage: python benchmarks/digits_train.py [--rounds 9]

Whole processes, interleaved: 20 epochs of 64-50-10 with momentum 0.9 in batches of 32, the
built-in experiment as it is. What either side prints of its accuracy is shown, so that a
difference in the work would be seen.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from _measure import interleaved, mode, process, ratio, table, verdict

EPOCHS = 20
NNTRAIN = "import sys\nfrom trainer_cli.cli.app import main\nsys.exit(main())\n"
# Split sizes, preprocessing, network, penalty, rate and batches are those of the built-in file.
SKLEARN = f"""import warnings

from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_digits(return_X_y=True)
X = X.astype("float32") / 16
X, X_rest, y, y_rest = train_test_split(X, y, train_size=0.7, stratify=y, random_state=0)
X_val, X_test, y_val, y_test = train_test_split(
    X_rest, y_rest, train_size=0.5, stratify=y_rest, random_state=0
)
mean = X.mean(axis=0)
model = MLPClassifier(
    (50,), solver="sgd", learning_rate_init=0.05, momentum=0.9, nesterovs_momentum=False,
    alpha=1e-4 * 32, batch_size=32, max_iter={EPOCHS}, n_iter_no_change={EPOCHS},
    random_state=0,
)
model.fit(X - mean, y)
print(model.score(X_val - mean, y_val))
"""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        seconds = measured(folder, given.rounds)
        accuracies = reached(folder)
    print(mode(["numpy", "scikit-learn", "pydantic", "typer"]))
    peer = seconds["scikit-learn"]
    rows = [
        (name, f"{median(s):.3f}", f"{ratio(s, peer):.2f}", f"{accuracies[name]:.1%}")
        for name, s in seconds.items()
    ]
    print(table(("", "s", "over scikit-learn", "validation"), rows))
    print(verdict("nntrain train over scikit-learn", ratio(seconds["nntrain"], peer), 0.4))


def measured(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of both programs in each round; `folder` takes their files and runs."""
    (folder / "nntrain_script.py").write_text(NNTRAIN, encoding="utf-8")
    (folder / "sklearn_script.py").write_text(SKLEARN, encoding="utf-8")
    numbers = count()

    def nntrain() -> float:
        command = [sys.executable, "nntrain_script.py", "train"]
        command += ["--set", f"training.epochs={EPOCHS}", "--run", f"run-{next(numbers)}"]
        return process(command, folder)

    def sklearn() -> float:
        return process([sys.executable, "sklearn_script.py"], folder)

    return interleaved({"nntrain": nntrain, "scikit-learn": sklearn}, rounds)


def reached(folder: Path) -> dict[str, float]:
    """Return the validation accuracy that each program ends with: nntrain's last epoch."""
    summary = json.loads((folder / "run-0" / "summary.json").read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "sklearn_script.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "nntrain": summary["epochs"][-1]["validation_accuracy"],
        "scikit-learn": float(done.stdout),
    }


if __name__ == "__main__":
    main()
