"""The run folder of a sweep: its plan and its journal, from which a killed sweep goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import numpy as np

from trainer_cli import __version__
from trainer_cli.config.load import values_in
from trainer_cli.config.value_text import value_text
from trainer_cli.datasets import Dataset
from trainer_cli.search.plan import Stage, described
from trainer_cli.search.stack_size import Machine
from trainer_cli.search.trials import Result
from trainer_cli.training.runs import Journal, RunError, RunFolder, jsonable

CONFIG, PLAN, JOURNAL = "config.yaml", "plan.json", "trials.jsonl"
ANEW = "begin a new sweep"


class SweepFolder:
    """A sweep on disk, while this process works on it.

    machine  what stacks were sized for when the sweep was planned
    results  by number of trial, those that the journal holds
    """

    def __init__(self, run: RunFolder, plan: Mapping[str, Any]) -> None:
        """Take a folder over, which is given back where its journal cannot be read: RunError."""
        self.run, self._plan = run, dict(plan)
        self.machine = Machine(**plan["machine"])
        try:
            self._journal = run.journal(JOURNAL)
            self.results = _results(self._journal)
        except RunError:
            run.close()
            raise

    @classmethod
    def create(cls, folder: Path, config: str, dataset: Dataset, machine: Machine) -> SweepFolder:
        """Begin a sweep; raises RunError if the folder is there."""
        plan = {
            "config": sha256(config.encode()).hexdigest(),
            "data": fingerprint(dataset),
            "versions": versions(),
            "machine": asdict(machine),
            "stages": [],
        }
        run = RunFolder.create(folder, {CONFIG: config, PLAN: _json(plan)})
        return cls(run, plan)

    @classmethod
    def resume(cls, folder: Path, config: str, dataset: Dataset) -> SweepFolder:
        """Go on with the sweep of a folder.

        Raises RunError unless `config`, the resolved experiment, and the data are those that the
        sweep began with, and nobody else is at work on it.
        """
        began, plan = read_plan(folder)
        if sha256(began.encode()).hexdigest() != plan["config"]:
            message = f"{folder / CONFIG} has been changed since the sweep began"
            raise RunError(message, f"put it back as it was, or {ANEW}")
        if config != began:
            message = f"the experiment is not the one that {folder} began with:"
            raise RunError("\n  ".join([message, *_differences(began, config)]), ANEW)
        if versions() != plan["versions"]:
            with_then, with_now = (_versions_text(each) for each in (plan["versions"], versions()))
            message = f"{folder} began with {with_then}, and this is {with_now}: bits may differ"
            raise RunError(message, f"install what it began with, or {ANEW}")
        if fingerprint(dataset) != plan["data"]:
            message = f"the data are not those that {folder} began with"
            raise RunError(message, f"put them back as they were, or {ANEW}")
        return cls(RunFolder(folder), plan)

    def record_plan(self, stage: Stage) -> None:
        """Keep the plan of a stage, before its first trial runs.

        Raises RunError where the sweep, resumed, would go another way than it began.
        """
        own = json.loads(json.dumps(described(stage)))
        stages = self._plan["stages"]
        if len(stages) < stage.number:
            self._plan["stages"] = [*stages, own]
            self.run.write(PLAN, _json(self._plan))
        elif stages[stage.number - 1] != own:
            message = (
                f"stage {stage.number} would not be the one of {self.run.folder / PLAN}: it was "
                "planned by another version, or a trial's result has been changed"
            )
            raise RunError(message, ANEW)

    def record(self, result: Result) -> bool:
        """Add a trial's result to the journal; False where it is there already."""
        if result.trial in self.results:
            return False
        self.results[result.trial] = result
        self._journal.append(asdict(result))
        return True

    def sort_journal(self) -> None:
        """Put the lines of the finished journal in the order of the trials."""
        self._journal.close()
        ordered = [self.results[trial] for trial in sorted(self.results)]
        lines = [json.dumps(jsonable(asdict(result)), allow_nan=False) for result in ordered]
        self.run.write(JOURNAL, "".join(line + "\n" for line in lines))
        self._journal = self.run.journal(JOURNAL)

    def close(self) -> None:
        """Let others have the folder."""
        self._journal.close()
        self.run.close()


def _results(journal: Journal) -> dict[int, Result]:
    """Return the results of a journal by number of trial; closes it where one is none."""
    found: dict[int, Result] = {}
    for line, record in enumerate(journal.records, start=1):
        try:
            result = Result(**record)
        except TypeError:
            journal.close()
            raise RunError(f"line {line} of {journal.path} is no result of a trial", ANEW) from None
        found.setdefault(result.trial, result)
    return found


def read_plan(folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the experiment file and the plan of a sweep; raises RunError where there is none."""
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        plan = {key: plan[key] for key in ("config", "data", "versions", "machine", "stages")}
        Machine(**plan["machine"])
        return (folder / CONFIG).read_text(encoding="utf-8"), plan
    except (FileNotFoundError, NotADirectoryError):
        message = f"{folder} holds no sweep: it lacks {PLAN} or {CONFIG}"
        raise RunError(message, "give the run folder of a sweep, such as runs/sweep-...") from None
    except (ValueError, KeyError, TypeError):
        raise RunError(f"{folder / PLAN} is damaged", ANEW) from None


def versions() -> dict[str, str]:
    """Return the versions of what the bits of a result depend on."""
    return {"nntrain": __version__, "numpy": np.__version__}


def _versions_text(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in found.items())


def fingerprint(dataset: Dataset) -> str:
    """Return a digest of the examples and labels that are trained and validated on."""
    digest = blake2b(digest_size=16)
    for part in (dataset.train, dataset.validation):
        for array in (part.rows, part.labels):
            digest.update(array.tobytes())
    digest.update(np.ascontiguousarray(dataset.train.stored).data)
    return digest.hexdigest()


def _differences(began: str, now: str) -> Iterator[str]:
    """Yield the keys of two experiment files whose values differ, with both values."""
    before, after = (dict(_leaves(values_in(text))) for text in (began, now))
    for path in {**before, **after}:
        one, other = (_shown(leaves, path) for leaves in (before, after))
        if one != other:
            yield f"{path}: {one}, now {other}"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of every single value of a file, dotted, with the value."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, tuple):
        pairs = list(enumerate(value))
    else:
        yield path, value
        return
    for key, each in pairs:
        yield from _leaves(each, f"{path}.{key}" if path else str(key))


def _shown(leaves: Mapping[str, Any], path: str) -> str:
    return value_text(leaves[path]) if path in leaves else "nothing"


def _json(plan: Mapping[str, Any]) -> str:
    return json.dumps(plan, indent=1, allow_nan=False) + "\n"
