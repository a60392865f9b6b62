"""The weights of the first layer as images, with what the lecture says about them."""

from __future__ import annotations

from functools import partial

from trainer_cli.report.page.first_layer import FirstLayer
from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.pixels import image_element, save_sheet
from trainer_cli.report.page.section import Section, left_out
from trainer_cli.report.page.smoothness import Reading

TITLE = "First-layer weights"
# CS231n, "Babysitting the learning process", first-layer visualizations.
MEANINGS = {
    "clean": "smooth images, as a network has that is learning well",
    "noisy": "noise can mean that training has not converged, that the learning rate is ill chosen "
    "or the penalty very weak; or that the noise they began with is still there",
    "in between": "shapes with noise over them: training may not have converged yet, or a "
    "stronger penalty may help",
}


def weights_section(layer: FirstLayer | Missing) -> Section:
    """Return the images and their reading, or why there are none."""
    if isinstance(layer, Missing):
        body = left_out("images of weights", layer)
        return Section(name="weights", title=TITLE, body=body)
    images = [image for _, image in layer.images]
    return Section(
        name="weights",
        title=TITLE,
        body=joined(
            [
                _reading(layer.reading),
                tag("p", _what(layer), class_="remark"),
                tag("div", joined(image_element(i, w) for w, i in layer.images), class_="weights"),
            ]
        ),
        files=[partial(save_sheet, images, "weights")],
    )


def _reading(reading: Reading | Missing) -> Markup:
    if isinstance(reading, Missing):
        return tag("p", f"Noisy or clean? Not judged: {reading.why}.", class_="missing")
    found, by_chance = (
        f"{round(each, 2) + 0.0:.2f}".replace("-", "−")
        for each in (reading.neighbours, reading.shuffled)
    )
    measured = f"the weights of neighbouring pixels correlate by {found} (shuffled: {by_chance})"
    return tag(
        "p",
        tag("b", reading.word[0].upper() + reading.word[1:]),
        f": {measured}: ",
        MEANINGS[reading.word] + ".",
    )


def _what(layer: FirstLayer) -> str:
    shown = len({words.partition(",")[0] for words, _ in layer.images})
    count = f"all {layer.units}" if shown == layer.units else f"{shown} of {layer.units}"
    whose = f" of member {layer.member}" if layer.members > 1 else ""
    return (
        f"{layer.name}{whose} in the best epoch: {count} {layer.noun}s, each from its smallest "
        "weight in black to its largest in white."
    )
