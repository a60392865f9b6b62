"""The whole page: every section, nothing from outside, and whatever a file says as plain text."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS
from tests.report.page.histories import (
    BLOBS,
    FINDINGS,
    SUMMARY,
    Parsed,
    diverged,
    exploded_facts,
    facts,
    history,
)
from trainer_cli.report.drawing import drawing
from trainer_cli.report.page.facts import RunFacts
from trainer_cli.report.page.missing import Missing

pytest.importorskip("matplotlib", reason="pages need the extra plots")
from trainer_cli.report.page.looks import SETTINGS
from trainer_cli.report.page.whole import page_of

SKIPPED = {"rule": "dead-units", "status": "skip", "message": "not judged: why", "hint": None}
SECTIONS = ["findings", "curves", "layers", "weights", "validation", "experiment"]


def html_of(*runs: RunFacts) -> str:
    with drawing(SETTINGS):
        return page_of(runs or [facts()]).html


def headings(page: Parsed) -> list[str]:
    return [attrs["id"] for tag, attrs in page.tags if tag == "section"]


@pytest.fixture(scope="module")
def usual():
    return html_of()


def test_a_usual_run_has_every_section_and_leaves_nothing_out(usual):
    page = Parsed(usual)
    assert headings(page) == SECTIONS
    captions = re.findall(r"<figcaption>([^<]*)</figcaption>", usual)
    assert captions[:7] == [
        "Cost by update",
        "Cost by update, logarithmic",
        "Accuracy by epoch",
        "Loss by epoch",
        "Loss by epoch, logarithmic",
        "Learning rate",
        "Update ratios by layer",
    ]
    assert captions[7:] == [
        "network[0] dense",
        "network[1] relu",
        "network[2] dense",
        "Confusion matrix",
        "Most frequent mistakes",
        "Precision and recall",
    ]
    assert usual.count('class="missing"') == 1  # 8 x 8 weights are neither noisy nor clean
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(images) == 50 + 24
    assert all(attrs["alt"] and attrs["src"].startswith("data:image/png;") for attrs in images)


def test_the_head_says_what_came_out(usual):
    text = Parsed(usual).text
    assert text.startswith(
        "one · nntrain|nntrain report|one|warn|digits · 1,258 training and 270 validation "
        "examples of 8 × 8 × 1 · 10 classes · 3,760 parameters · batches of 32 · seed 0|"
        "Validation accuracy|70.0%|95% interval 64.3% to 75.2%, 270 examples|"
        "Best epoch|4|of 5, by validation accuracy|"
        "Training accuracy|80.0%|in the best epoch; gap 10.0 points|"
        "Updates|100|5 epochs of 5|Time|1.25 s|Ended|finished|all epochs|"
    )


def test_findings_are_coloured_words_with_their_hints(usual):
    assert '<span class="pill warn">warn</span><div><code>overfitting</code>' in usual
    text = Parsed(usual).text
    assert "Findings|warn|overfitting|a gap of 10 points|Hint:|more l2|pass|plateau|" in text


def test_what_needs_no_attention_is_folded_away_where_it_is_much():
    summary = {**SUMMARY, "findings": [FINDINGS[1]] * 5 + [SKIPPED, FINDINGS[0]]}
    page = html_of(facts(summary=summary))
    assert '<details><summary>5 passed, 1 not judged</summary><ul class="findings">' in page
    assert page.index("overfitting") < page.index("5 passed, 1") < page.index("plateau")


def test_nothing_is_loaded_from_anywhere(usual):
    for page in (usual, html_of(facts(), exploded_facts(name="two"))):
        assert "http://" not in page
        assert "https://" not in page
        assert "<script" not in page
        assert "@import" not in page
        for tag, attrs in Parsed(page).tags:
            assert tag not in ("link", "iframe", "object", "embed", "base", "form")
            assert not [name for name in attrs if name.startswith("on")]
            for name in ("src", "href", "xlink:href"):
                assert (attrs.get(name) or "#").startswith(("#", "data:image/png;base64,"))
        assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_every_colour_follows_the_screen(usual):
    style, _, body = usual.partition("</style>")
    assert not re.findall("#[0-9a-f]{6}", body)
    assert "prefers-color-scheme: dark" in style
    used = set(re.findall(r"var\(--([a-z0-9]+)\)", usual)) - {"tint"}
    assert {"ink", "soft", "s1", "s2", "surface"} <= used
    for name in used:
        assert len(re.findall(rf"--{name}: #[0-9a-f]{{6}};", style)) == 2, "light and dark"


def test_links_within_the_page_lead_somewhere(usual):
    for html in (usual, html_of(facts(), facts(name="two"))):
        page = Parsed(html)
        leads = {attrs["href"][1:] for _, attrs in page.tags if "href" in attrs}
        leads |= set(re.findall(r"url\(#([^)]*)\)", html))
        assert len(leads) > 10
        assert leads <= set(page.ids)


def test_the_same_run_gives_the_same_page(usual):
    assert html_of() == usual


def test_a_usual_page_is_small(usual):
    assert len(usual.encode()) < 400_000


def test_a_long_run_is_not_larger():
    updates = 100_000
    noise = np.random.default_rng(0).random(updates)
    long = history(
        losses=2 / np.sqrt(1 + np.arange(updates)) + noise,
        penalties=np.full(updates, 0.1),
        rates=np.geomspace(1, 1e-4, updates),
    )
    assert len(html_of(facts(long)).encode()) < 600_000


HOSTILE = '<script>alert("1")</script>&<img src=x onerror=alert(1)>\'"\x00\x1b]\ud800$x^2$'


def test_what_files_say_is_text_and_nothing_else():
    run = facts()
    names = [f"{HOSTILE}{c}" for c in range(10)]
    findings = [{"rule": HOSTILE, "status": HOSTILE, "message": HOSTILE, "hint": HOSTILE}]
    hostile = replace(
        run,
        name=HOSTILE,
        folder=HOSTILE,
        config=f"{HOSTILE}: {HOSTILE}\nseed: 0 # {HOSTILE}\n",
        summary={"verdict": HOSTILE, "findings": findings, "seconds": HOSTILE},
        versions={HOSTILE: HOSTILE},
        validated=replace(run.validated, names=names),
    )
    harmless = html_of(run)
    page = html_of(hostile)
    assert page.encode("utf-8", "strict")
    assert {tag for tag, _ in Parsed(page).tags} == {tag for tag, _ in Parsed(harmless).tags}
    assert not [attrs for _, attrs in Parsed(page).tags if "onerror" in attrs]
    assert not re.search("[\x00\x1b]", page)
    assert "&lt;script&gt;alert(" in page
    assert Parsed(page).text.count('<script>alert("1")</script>') > 20


def test_sections_that_cannot_be_made_say_why_in_a_line():
    page = html_of(
        exploded_facts(dataset=Missing("the data cannot be read: no such file"), summary={})
    )
    told = re.findall('<p class="missing">([^<]*)</p>', page)
    assert told == [
        "No findings: training has not ended.",
        "No curves by epoch: no epoch was finished.",
        "No update ratios: no look came after an update of values that are not 0.",
        "No images of weights: runs/one has no best.safetensors.",
        "No look at the validation examples: runs/one has no best.safetensors.",
    ]
    assert headings(Parsed(page)) == SECTIONS
    assert "digits · 1,258 training and 270 validation examples · 10 classes · batches" in page


def test_a_run_without_an_update_or_a_look():
    empty = diverged(updates=0, looks=(), cost=float("nan"))
    page = html_of(facts(empty))
    told = re.findall('<p class="missing">([^<]*)</p>', page)
    assert told[:3] == [
        "No curves by update: no update was made.",
        "No curves by epoch: no epoch was finished.",
        "No layers: training never looked at the layers.",
    ]
    assert "Ended|diverged|cost no number any more after 0 updates, the limit was 7.5" in (
        Parsed(page).text
    )


def test_an_explosion_is_marked_with_its_cost():
    page = html_of(exploded_facts())
    assert Parsed(page).text.count("exploded: 10⁹") == 2  # linear and logarithmic
    text = Parsed(page).text
    assert "Ended|diverged|cost 1e+09 after 10 updates, the limit was 7.5|" in text
    assert "exploded: no number" in html_of(facts(diverged(cost=float("nan"))))


@pytest.mark.parametrize(
    ("stopped", "words"),
    [
        ("early-stopping", "early-stopping|after 100 updates, nothing better since epoch 4|"),
        ("interrupted", "interrupted|by a signal after 100 updates|"),
        (None, "not ended|training has not ended: so far 100 updates|"),
    ],
)
def test_why_training_ended_is_said(stopped, words):
    text = Parsed(html_of(facts(history(stopped=stopped)))).text
    assert f"Ended|{words}" in text
    assert f"training ended|{words.replace('|', ': ', 1)}" in text


def test_several_members_are_a_mean_with_thin_lines():
    page = html_of(facts(history(0), history(1), history(2)))
    text = Parsed(page).text
    assert "Validation accuracy|71.0 ± 1.0%|mean ± sd of 3 members, 270 examples|" in text
    assert "Thin lines are members, the thick one is their mean, with a standard deviation" in text
    assert "By the mean probabilities of 3 members, each in its best epoch, " in text
    assert "network[0].weights of member 0 in the best epoch: all 50 units" in text
    assert [f"|Member {m}|" in text for m in (0, 1, 2, 3)] == [True, True, True, False]


def test_members_have_a_seed_each():
    three = replace(DIGITS, training=replace(DIGITS.training, members=3))
    text = Parsed(html_of(facts(history(0), history(1), history(2), experiment=three))).text
    assert "seed|0 to 2, one for each member|" in text


def test_members_that_exploded_are_counted():
    text = Parsed(html_of(facts(history(0), diverged(member=1)))).text
    assert "Ended|1 finished, 1 diverged|cost 1e+09 after 10 updates" in text
    assert "Validation accuracy|70.0%|" in text


def test_examples_that_are_no_images_are_a_table():
    page = html_of(facts(experiment=BLOBS))
    assert "<img" not in page
    text = Parsed(page).text
    assert "No images of weights: the inputs of the network are no images." in text
    assert "Surest mistakes|" in text
    assert "|row|class|taken for|sure|x0|x1|" in text


def test_several_runs_are_compared_and_then_told_one_by_one():
    slow = facts(
        history(losses=np.full(100, 2.0)),
        name="slow",
        folder="runs/slow",
        config=facts().config.replace("learning_rate: 0.03", "learning_rate: 1e-9"),
    )
    page = html_of(facts(), slow, exploded_facts(name="lost"))
    parsed = Parsed(page)
    assert headings(parsed)[:3] == ["runs", "settings", "curves"]
    assert headings(parsed)[3:] == [
        *(["each"]),
        *(f"r{i}-{name}" for i in (1, 2, 3) for name in SECTIONS),
    ]
    text = parsed.text
    assert "Runs|run|verdict|validation accuracy|best epoch|training accuracy|updates|" in text
    assert "|one|warn|70.0%|4|80.0%|100|1.25 s|finished|slow|warn|" in text
    assert "|lost|warn|–|–|–|10|1.25 s|diverged|" in text
    assert "|optimizer.learning_rate|0.03|1e-9|0.03|" in text
    assert page.count('<details id="r') == 3


def test_layers_are_compared_setting_by_setting():
    config = facts().config.replace("units: 50", "units: 7").replace("relu", "tanh")
    config = config.replace("updates: 200", "updates: 1")  # of another command
    text = Parsed(html_of(facts(), facts(name="two", config=config))).text
    assert "|network.0.units|50|7|network.1|relu|tanh|Curves|" in text


def test_equal_runs_have_no_settings_that_differ():
    page = html_of(facts(), facts(folder="runs/two/one"))
    assert "No settings that differ: the runs have the same experiment file." in page
    assert "runs/two/one</a>" in page, "equal names are told apart by their folders"


def test_more_runs_than_colours():
    runs = [facts(name=f"run {k}", folder=f"runs/{k}") for k in range(9)]
    with drawing(SETTINGS):
        assert Parsed(page_of(runs).html).text.count("run 8") >= 4
