from io import StringIO

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.usefixtures("catalogue")


def _synth(*arguments: str) -> str:
    output = StringIO()
    call_command("synth", "--models=5", "--devices=5", *arguments, stdout=output)
    return output.getvalue()


def test_command_says_what_it_made_and_that_nobody_measured_it() -> None:
    said = _synth("--results=40")

    assert said.startswith("made up 40 results of 5 models on 5 devices")
    assert said.endswith("None of it was ever measured.\n")


def test_check_board_passes_afterwards() -> None:
    _synth("--results=40")

    output = StringIO()
    call_command("check_board", stdout=output)

    assert output.getvalue().endswith("all as recomputed\n")


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_count_that_is_none_is_refused(count: str) -> None:
    with pytest.raises(CommandError, match="whole number"):
        _synth(f"--results={count}")
