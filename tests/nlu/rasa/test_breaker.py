"""The circuit breaker, on a clock that is moved by hand."""

from __future__ import annotations

from nlu.rasa.breaker import Breaker, State


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened() -> tuple[Breaker, Seconds]:
    clock = Seconds()
    breaker = Breaker(clock, after=3, rest=30)
    for _ in range(3):
        assert breaker.may_ask()
        breaker.failed()
    return breaker, clock


def test_it_opens_after_failures_in_a_row() -> None:
    breaker, clock = opened()
    assert breaker.state is State.OPEN
    clock.now += 29.9
    assert not breaker.may_ask()


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker(Seconds(), after=3)
    for _ in range(10):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.state is State.CLOSED


def test_after_the_rest_one_question_is_let_through() -> None:
    breaker, clock = opened()
    clock.now += 30
    assert breaker.may_ask()
    assert breaker.state is State.TRIED
    assert not breaker.may_ask()
    breaker.succeeded()
    assert breaker.state is State.CLOSED
    assert breaker.may_ask()


def test_a_failed_try_means_another_rest() -> None:
    breaker, clock = opened()
    clock.now += 30
    assert breaker.may_ask()
    breaker.failed()
    clock.now += 29
    assert not breaker.may_ask()
    clock.now += 1
    assert breaker.may_ask()


def test_a_try_that_was_called_back_may_be_tried_again() -> None:
    breaker, clock = opened()
    clock.now += 30
    assert breaker.may_ask()
    breaker.given_up()
    assert breaker.may_ask()


def test_late_failures_do_not_prolong_the_rest() -> None:
    breaker, clock = opened()
    clock.now += 20
    breaker.failed()  # of a question that was on its way when it opened
    clock.now += 10
    assert breaker.may_ask()
