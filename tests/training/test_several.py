"""What is said of several members: the worst finding of each rule, and whose it is."""

from trainer_cli.training.findings import Finding
from trainer_cli.training.several import worst_of


def finding(status, message="it does", rule="a-rule"):
    return Finding(rule=rule, status=status, message=message, evidence={"seen": message})


def test_one_member_is_not_named():
    own = [finding("warn")]
    assert worst_of([own]) == own


def test_what_all_pass_is_said_once():
    (found,) = worst_of([[finding("pass", "first")], [finding("pass", "second")]])
    assert found == finding("pass", "first")


def test_the_first_of_the_worst_speaks_for_all():
    own = [[finding(status, str(m))] for m, status in enumerate(("pass", "warn", "fail", "fail"))]
    (found,) = worst_of(own)
    assert (found.status, found.message) == ("fail", "member 2, and of 2 of 4 members: 2")
    assert found.evidence == {"seen": "2", "members": [2, 3]}


def test_a_single_one_is_named():
    (found,) = worst_of([[finding("pass")], [finding("warn")]], noun="fold")
    assert (found.status, found.message) == ("warn", "fold 1: it does")
    assert found.evidence == {"seen": "it does", "members": [1]}


def test_a_rule_that_some_members_do_not_have_is_kept():
    own = [[finding("pass")], [finding("pass"), finding("warn", rule="other")]]
    assert [each.rule for each in worst_of(own)] == ["a-rule", "other"]
