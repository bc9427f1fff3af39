import pytest

from apps.catalog.models import DeviceKind
from apps.core.errors import InvalidInput
from apps.fleet.kinds import recognise
from tests.factories import CPU_NAME, device_offer

pytestmark = pytest.mark.usefixtures("catalogue")


def test_cpu_never_seen_makes_a_kind_with_a_bound_per_core() -> None:
    kind = recognise(device_offer())

    assert (kind.slug, kind.title, kind.category) == ("example-cpu-9000", CPU_NAME, "cpu")
    assert kind.peak_flops["fp32"] == 64 * 6_000_000_000
    assert kind.facts == {"peak_is_per": "core"}


def test_cpu_seen_before_is_the_same_kind() -> None:
    assert recognise(device_offer()) == recognise(device_offer())


def test_cpu_of_apple_has_the_bound_of_its_matrix_unit() -> None:
    assert recognise(device_offer(kind_name="Apple M4")).peak_flops["fp32"] == 512 * 6_000_000_000


def test_simulated_device_is_a_kind_of_its_own() -> None:
    real = recognise(device_offer())

    simulator = recognise(device_offer(is_simulated=True))

    assert (simulator.slug, simulator.simulates) == ("simulated:example-cpu-9000", real)
    assert simulator.is_simulated
    assert not real.is_simulated
    assert simulator.peak_flops == {}


@pytest.mark.parametrize(("name", "category"), [("Snapdragon 855", "phone"), ("Tesla T4", "gpu")])
def test_real_phone_or_gpu_is_refused_with_advice(name: str, category: str) -> None:
    with pytest.raises(InvalidInput, match="Offer the host's CPU"):
        recognise(device_offer(kind_name=name, category=category))


@pytest.mark.parametrize(("name", "category"), [("Snapdragon 855", "phone"), ("Tesla T4", "gpu")])
def test_simulated_phone_or_gpu_stands_for_the_kind_of_the_catalogue(name: str, category: str) -> None:
    kind = recognise(device_offer(kind_name=name, category=category, is_simulated=True))

    assert kind.simulates is not None
    assert kind.simulates.title == name


@pytest.mark.parametrize("is_simulated", [False, True])
def test_cpu_does_not_pass_for_a_gpu_by_its_name(is_simulated: bool) -> None:
    with pytest.raises(InvalidInput, match="Tesla T4 is a gpu, not a cpu"):
        recognise(device_offer(kind_name="Tesla T4", is_simulated=is_simulated))


def test_name_cannot_make_a_real_kind_look_simulated() -> None:
    kind = recognise(device_offer(kind_name="simulated:example"))

    assert (kind.slug, kind.is_simulated) == ("simulatedexample", False)


def test_name_without_a_letter_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no letter or digit"):
        recognise(device_offer(kind_name="///"))

    assert not DeviceKind.objects.filter(slug="").exists()


def test_longest_name_is_taken() -> None:
    assert recognise(device_offer(kind_name="x" * 200, is_simulated=True)).is_simulated
