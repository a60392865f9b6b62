"""HTML that is built: what is text stays text."""

from trainer_cli.report.page.markup import Markup, joined, plain, tag


def test_texts_are_escaped_and_markup_is_not():
    inner = tag("b", "a & b")
    assert inner == "<b>a &amp; b</b>"
    assert isinstance(inner, Markup)
    assert tag("p", inner, " < ", None) == "<p><b>a &amp; b</b> &lt; </p>"
    assert joined(["<", inner], ", ") == "&lt;, <b>a &amp; b</b>"


def test_attributes_are_escaped_and_named_as_in_html():
    made = tag("a", href='"><script>', class_="x", aria_label="y", hidden=True, id=None, open=False)
    assert made == '<a href="&quot;&gt;&lt;script&gt;" class="x" aria-label="y" hidden></a>'


def test_an_element_without_content_is_not_closed():
    assert tag("img", alt="", width=8) == '<img alt="" width="8">'


def test_a_name_may_be_an_attribute_too():
    assert tag("meta", name="viewport") == '<meta name="viewport">'


def test_characters_that_html_cannot_hold_are_replaced():
    assert plain("a\x00b\x1bc\ud800d\x85e") == "a\ufffdb\ufffdc\ufffdd\ufffde"
    assert plain("tab\tand\nline, ü, 漢, 😀") == "tab\tand\nline, ü, 漢, 😀"
    assert tag("p", "\udfff") == "<p>\ufffd</p>"
