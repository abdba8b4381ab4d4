from academy.people.permissions.rules import ANYONE, may


def test_nothing():
    assert not may(ANYONE, "standing.see")
