"""The size of stacks follows from the machine, as it is written in the plan, and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from tests.experiments import DIGITS
from trainer_cli.config.experiment import Training
from trainer_cli.nn.layers import Conv, Dense, Flatten, MaxPool, Relu
from trainer_cli.nn.network import parameter_count
from trainer_cli.optim.optimizers import Adam, Sgd
from trainer_cli.search import stack_size as module
from trainer_cli.search.stack_size import LEAST, Machine, stack_size, this_machine
from trainer_cli.training.material import capacity
from trainer_cli.training.memory import stack_bytes

MIB = 1 << 20
ORDINARY = Machine(processors=2, cache=32 * MIB, memory=8 << 30)
LECTURE = replace(
    DIGITS,
    network=(Dense(units=50), Relu(), Dense(units=10)),
    training=Training(batch_size=100),
)
CONV = replace(DIGITS, network=(Conv(filters=16), Relu(), MaxPool(), Flatten(), Dense(units=10)))


def size(machine: Machine, trials: int, experiment=DIGITS, shape=(64,), examples=1257) -> int:
    return stack_size(machine, [experiment] * trials, shape, examples)


def test_the_networks_that_the_benchmark_measures():
    assert size(ORDINARY, 100) == 50
    assert size(ORDINARY, 20, LECTURE, (3072,), 49_000) == 10
    assert size(ORDINARY, 100, CONV, (32, 32, 3), 49_000) == 10


@pytest.mark.parametrize("processors", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("trials", [1, 2, 5, 20, 99, 100, 1000])
def test_every_processor_has_as_much_to_do_as_the_others(processors, trials):
    most = size(replace(ORDINARY, processors=processors), trials)
    count = -(-trials // most)
    stacks = sorted(((trials + i) // count for i in range(count)), reverse=True)
    assert sum(stacks) == trials
    load = [0] * processors
    for stack in stacks:
        load[load.index(min(load))] += stack
    assert max(load) <= -(-trials // processors) + count // processors


def test_stacks_fit_the_cache_together():
    experiment = replace(DIGITS, training=Training(batch_size=1))
    arrays = {Sgd: 2, Adam: 4}
    for optimizer, count in arrays.items():
        own = replace(experiment, optimizer=optimizer())
        learned = parameter_count(own.network, (64,)) * count * 4
        members = size(ORDINARY, 10_000, own)
        assert members > LEAST
        assert 0.8 * 4 * MIB < members * learned <= 4 * MIB  # a quarter of 32 MiB for two


def test_double_precision_and_large_batches_need_more_room():
    members = size(ORDINARY, 10_000)
    assert size(ORDINARY, 10_000, replace(DIGITS, training=Training(batch_size=32))) == members
    double = Training(batch_size=32, precision="float64")
    assert size(ORDINARY, 10_000, replace(DIGITS, training=double)) == pytest.approx(
        members / 2, rel=0.1
    )
    large = Training(batch_size=320)
    assert size(ORDINARY, 10_000, replace(DIGITS, training=large)) < members / 2


def test_a_few_members_are_worth_more_than_the_cache():
    assert size(replace(ORDINARY, cache=1), 100) == LEAST


def test_no_more_than_half_of_the_free_memory():
    alone = stack_bytes(LECTURE, (3072,), capacity(100, 49_000))
    for members in (1, 2, 4):
        machine = replace(ORDINARY, memory=4 * members * alone)  # half of it, for two stacks
        assert size(machine, 1000, LECTURE, (3072,), 49_000) == members
    assert size(replace(ORDINARY, memory=0), 1000, LECTURE, (3072,), 49_000) == 1


def test_this_machine_can_be_written_down():
    machine = this_machine()
    assert Machine(**json.loads(json.dumps(asdict(machine)))) == machine
    assert machine.processors >= 1
    assert machine.cache >= 256 << 10
    assert machine.memory > 1 << 20


@pytest.fixture
def processors(monkeypatch, tmp_path):
    """Return a function that makes up processors and their last-level caches."""
    monkeypatch.setattr(module, "CPUS", tmp_path)

    def make(caches: list[tuple[str, str]]) -> None:
        monkeypatch.setattr(
            module.os, "sched_getaffinity", lambda _: set(range(len(caches))), raising=False
        )
        monkeypatch.setattr(module, "processors", lambda: len(caches))
        for number, (sharing, cache) in enumerate(caches):
            for level, kept in enumerate((("32K", str(number)), (cache, sharing)), start=1):
                index = tmp_path / f"cpu{number}/cache/index{level}"
                index.mkdir(parents=True)
                for name, text in zip(("size", "shared_cpu_list"), kept, strict=True):
                    (index / name).write_text(f"{text}\n")
                (index / "level").write_text(f"{level}\n")

    return make


def test_processors_that_share_a_cache_count_it_once(processors):
    processors([("0-1", "32768K")] * 2)
    assert this_machine().cache == 32 * MIB


def test_processors_with_caches_of_their_own_count_them_all(processors):
    processors([("0-1", "8192K"), ("0-1", "8192K"), ("2-3", "8192K"), ("2-3", "8192K")])
    assert this_machine().cache == 16 * MIB


def test_a_machine_that_says_nothing_of_its_cache_has_a_usual_one(processors):
    processors([("0-1", "?")] * 2)
    assert this_machine().cache == 2 * module.USUAL_CACHE


def test_a_machine_without_such_files_has_a_usual_one(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "CPUS", tmp_path)
    monkeypatch.setattr(module, "processors", lambda: 3)
    assert this_machine().cache == 3 * module.USUAL_CACHE


def test_a_machine_that_says_nothing_of_its_memory_has_a_usual_one(monkeypatch):
    monkeypatch.setattr(module, "available_bytes", lambda: None)
    assert this_machine().memory == module.USUAL_MEMORY
