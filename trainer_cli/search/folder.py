"""The run folder of a sweep: its plan and its journal, from which a killed sweep goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trainer_cli.datasets import Dataset
from trainer_cli.search.plan import Stage, described
from trainer_cli.search.stack_size import Machine
from trainer_cli.search.trials import Result
from trainer_cli.training.identity import CONFIG, KEYS, identity, require_same
from trainer_cli.training.runs import Journal, RunError, RunFolder, jsonable

PLAN, JOURNAL = "plan.json", "trials.jsonl"
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
        self._journal = run.journal(JOURNAL)
        try:
            self.results = _results(self._journal)
        except RunError:
            self.close()
            raise

    @classmethod
    def create(cls, folder: Path, config: str, dataset: Dataset, machine: Machine) -> SweepFolder:
        """Begin a sweep; raises RunError if the folder is there."""
        plan = {
            **identity(config, dataset),
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
        plan = read_plan(folder)
        require_same(folder, plan, config, dataset, noun="sweep")
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
    """Return the results of a journal by number of trial; RunError where a line is none."""
    found: dict[int, Result] = {}
    for line, record in enumerate(journal.records(), start=1):
        try:
            result = Result(**record)
        except TypeError:
            raise RunError(f"line {line} of {journal.path} is no result of a trial", ANEW) from None
        found.setdefault(result.trial, result)
    return found


def read_plan(folder: Path) -> dict[str, Any]:
    """Return the plan of a sweep; raises RunError where there is none."""
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        plan = {key: plan[key] for key in (*KEYS, "machine", "stages")}
        Machine(**plan["machine"])
        (folder / CONFIG).read_text(encoding="utf-8")
        return plan
    except (FileNotFoundError, NotADirectoryError):
        message = f"{folder} holds no sweep: it lacks {PLAN} or {CONFIG}"
        raise RunError(message, "give the run folder of a sweep, such as runs/sweep-...") from None
    except (ValueError, KeyError, TypeError):
        raise RunError(f"{folder / PLAN} is damaged", ANEW) from None


def _json(plan: Mapping[str, Any]) -> str:
    return json.dumps(plan, indent=1, allow_nan=False) + "\n"
