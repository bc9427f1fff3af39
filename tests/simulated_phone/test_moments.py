"""What is planned for a moment happens then, once."""

from tests.simulated_phone.moments import Moment, Plans


def test_an_action_is_called_at_its_moment_and_only_once() -> None:
    called: list[str] = []
    plans = Plans()
    plans.at(Moment.TOOL_RUNS, lambda: called.append("runs"))

    for moment in (Moment.TOOL_STARTS, Moment.TOOL_RUNS, Moment.TOOL_RUNS):
        plans.reach(moment)

    assert called == ["runs"]


def test_an_action_can_wait_for_the_third_occurrence() -> None:
    calls: list[int] = []
    plans = Plans()
    plans.at(Moment.TOOL_ENDS, lambda: calls.append(len(calls)), occurrence=3)

    counts = []
    for _ in range(4):
        plans.reach(Moment.TOOL_ENDS)
        counts.append(len(calls))

    assert counts == [0, 0, 1, 1]


def test_a_command_line_is_recognised_by_a_part_of_it() -> None:
    called: list[str] = []
    plans = Plans()
    plans.on_command("dumpsys battery", lambda: called.append("looked"))

    plans.reach("getprop")
    plans.reach("dumpsys battery | grep level")

    assert called == ["looked"]


def test_an_action_may_plan_the_next_one() -> None:
    called: list[str] = []
    plans = Plans()
    plans.at(Moment.TOOL_RUNS, lambda: plans.at(Moment.TOOL_ENDS, lambda: called.append("second")))

    plans.reach(Moment.TOOL_RUNS)
    plans.reach(Moment.TOOL_ENDS)

    assert called == ["second"]
