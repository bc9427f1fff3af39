import pytest
from django.test import Client

from apps.catalog.models import Network
from apps.results.actions.board import current_board, recompute_board
from apps.results.actions.synth import NotForSynthesis, synthesise
from apps.results.models import BoardCell, Measurement, Origin, Result, Samples
from apps.runs.models import Attempt, AttemptState
from tests.factories import NOW, make_leased, measure

pytestmark = pytest.mark.usefixtures("catalogue")

MODELS, RESULTS = 25, 700


def _synthesise(*, is_forced: bool = False) -> int:
    return synthesise(results=RESULTS, models=MODELS, devices=15, seed=1, is_forced=is_forced, at=NOW)


def test_zoo_has_exactly_the_results_that_were_asked_for() -> None:
    _synthesise()

    assert Result.objects.filter(origin=Origin.RUN).count() == RESULTS
    assert Network.objects.filter(name__startswith="synth-").count() == MODELS


def test_board_is_as_recomputed() -> None:
    cells = _synthesise()

    assert cells == BoardCell.objects.count() > MODELS
    assert current_board() == recompute_board()


def test_every_result_has_an_accepted_attempt_with_its_measurement() -> None:
    _synthesise()

    assert not Result.objects.filter(origin=Origin.RUN, attempt__measurement=None).exists()
    assert not Attempt.objects.exclude(state=AttemptState.ACCEPTED).exists()
    assert Measurement.objects.count() == Attempt.objects.count()


def test_some_histories_are_long_and_some_results_odd() -> None:
    _synthesise()

    assert Result.objects.exclude(flags=[]).exists()
    assert Samples.objects.exists()
    samples = Samples.objects.select_related("attempt").first()
    assert samples is not None
    assert samples.count == sum(len(process["wall_ns"]) for process in samples.unpack())


def test_everything_names_itself_synthetic() -> None:
    _synthesise()

    measured = Result.objects.filter(origin=Origin.RUN)
    assert not measured.exclude(device__kind__slug__startswith="synth-").exists()
    assert not measured.exclude(network__family__slug__startswith="synth-").exists()
    assert not measured.exclude(attempt__agent__name__startswith="synth-").exists()
    published = Result.objects.filter(origin=Origin.PUBLISHED, network__name__startswith="synth-")
    assert set(published.values_list("source__slug", flat=True)) == {"synth-table"}


def test_database_with_measured_results_is_refused() -> None:
    measure(make_leased())

    with pytest.raises(NotForSynthesis, match="--force"):
        _synthesise()

    assert not Network.objects.filter(name__startswith="synth-").exists()


def test_force_puts_it_beside_measured_results() -> None:
    measure(make_leased())

    _synthesise(is_forced=True)

    assert current_board() == recompute_board()


def test_second_zoo_is_refused() -> None:
    _synthesise()

    with pytest.raises(NotForSynthesis, match="already"):
        _synthesise(is_forced=True)


@pytest.mark.parametrize(
    "address", ["/", "/models/{model}", "/families/synth-000", "/runs/{run}", "/devices/synth-cpu-00"]
)
def test_pages_show_it(client: Client, address: str) -> None:
    _synthesise()
    attempt = Attempt.objects.filter(samples__isnull=False).first()
    assert attempt is not None

    response = client.get(address.format(model="synth-000_x1", run=attempt.run_id))

    assert response.status_code == 200
    assert b"synth" in response.content.lower()
