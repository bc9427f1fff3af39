import pytest

from apps.catalog.models import DeviceKind
from apps.core.errors import InvalidInput
from apps.fleet.kinds import recognise, recognise_submitted
from runners import wire
from tests.devices import GPU_FACTS, PHONE_FACTS, PLUS_FACTS, RTX_FACTS, gpu, phone
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
def test_simulated_phone_or_gpu_stands_for_the_kind_of_the_catalogue(name: str, category: str) -> None:
    kind = recognise(device_offer(kind_name=name, category=category, is_simulated=True))

    assert kind.simulates is not None
    assert kind.simulates.title == name


@pytest.mark.parametrize("is_simulated", [False, True])
def test_cpu_does_not_pass_for_a_gpu_by_its_name(is_simulated: bool) -> None:
    with pytest.raises(InvalidInput, match="Tesla T4 is a gpu, not a cpu"):
        recognise(device_offer(kind_name="Tesla T4", is_simulated=is_simulated))


@pytest.mark.parametrize("name", ["simulated:example", "Simulated:example", "stated:example"])
def test_name_that_begins_as_those_of_the_site_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="which the site gives: leave it out"):
        recognise(device_offer(kind_name=name))


def test_name_without_a_letter_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no letter or digit"):
        recognise(device_offer(kind_name="///"))

    assert not DeviceKind.objects.filter(slug="").exists()


def test_longest_name_is_taken() -> None:
    assert recognise(device_offer(kind_name="x" * 200, is_simulated=True)).is_simulated


@pytest.mark.parametrize(
    ("offer", "slug"), [(phone(), "snapdragon-855"), (gpu(), "tesla-t4")], ids=["Snapdragon 855", "Tesla T4"]
)
def test_device_with_every_fact_of_a_kind_is_of_that_kind(offer: wire.DeviceOffer, slug: str) -> None:
    assert recognise(offer).slug == slug


def test_phone_is_known_by_its_part_number_too() -> None:
    assert recognise(phone(kind_name="SM8150")).slug == "snapdragon-855"


def test_facts_may_be_text_or_numbers() -> None:
    facts = {**PHONE_FACTS, "cpu7_max_frequency_khz": "2841600", "cpu_part": "0X804"}

    assert recognise(phone(facts=facts)).slug == "snapdragon-855"


@pytest.mark.parametrize(
    ("offer", "says"),
    [
        (
            phone(facts=PLUS_FACTS),
            "offered as Snapdragon 855, but its fact cpu7_max_frequency_khz is 2956800 kHz, that of the kind is "
            "2841600 kHz. By its facts it is a Snapdragon 855 Plus: offer it under that name.",
        ),
        (phone(kind_name="Snapdragon 855 Plus"), "By its facts it is a Snapdragon 855: offer it under that name."),
        (phone(facts={}), "its fact cpu_part is missing, that of the kind is 0x804."),
        (gpu(facts=RTX_FACTS), "its fact name is NVIDIA GeForce RTX 2080, that of the kind is Tesla T4."),
        (gpu(facts={**GPU_FACTS, "compute_capability": "8.9"}), "its fact compute_capability is 8.9"),
        (gpu(facts={}), "its fact name is missing"),
    ],
)
def test_device_whose_facts_are_not_those_of_the_kind_it_names_is_refused(offer: wire.DeviceOffer, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        recognise(offer)

    assert says in refused.value.detail


@pytest.mark.parametrize("name", ["Snapdragon 855 Plus", "Snapdragon 855+", "SM8150-AC"])
def test_plus_is_a_kind_of_its_own(name: str) -> None:
    assert recognise(phone(kind_name=name, facts=PLUS_FACTS)).slug == "snapdragon-855-plus"


def test_gpu_that_nobody_knows_gets_a_kind_by_its_own_name_and_without_a_peak() -> None:
    kind = recognise(gpu(kind_name=RTX_FACTS["name"], facts=RTX_FACTS))

    assert (kind.slug, kind.category, kind.peak_flops) == ("nvidia-geforce-rtx-2080", "gpu", {})


def test_gpu_that_calls_itself_otherwise_is_refused_and_makes_no_kind() -> None:
    with pytest.raises(InvalidInput, match="calls itself 'NVIDIA GeForce RTX 2080', not 'Fast GPU'"):
        recognise(gpu(kind_name="Fast GPU", facts=RTX_FACTS))

    assert not DeviceKind.objects.filter(slug="fast-gpu").exists()


@pytest.mark.parametrize("name", ["Snapdragon 855 Pro", "SM8150-Pro"])
def test_other_name_for_the_facts_of_a_known_kind_is_refused_and_makes_no_kind(name: str) -> None:
    with pytest.raises(InvalidInput, match="By its facts it is a Snapdragon 855 Plus: offer it under that name"):
        recognise(phone(kind_name=name, facts=PLUS_FACTS))

    assert not DeviceKind.objects.filter(title=name).exists()


def test_gpu_that_does_not_say_its_name_makes_no_kind() -> None:
    with pytest.raises(InvalidInput, match="This GPU does not say its name"):
        recognise(gpu(kind_name="T4", facts={}))

    assert not DeviceKind.objects.filter(slug="t4").exists()


def test_phone_that_nobody_knows_gets_a_kind_by_its_soc() -> None:
    kind = recognise(phone(kind_name="Snapdragon 888", facts={"ro.board.platform": "lahaina"}))

    assert (kind.slug, kind.title, kind.category) == ("snapdragon-888", "Snapdragon 888", "phone")


@pytest.mark.parametrize("fact", [{"ro.kernel.qemu": "1"}, {"adb_serial_is_loopback": True}])
def test_phone_that_gives_itself_away_is_simulated_whatever_it_claims(fact: dict[str, object]) -> None:
    kind = recognise(phone(facts={**PHONE_FACTS, **fact}))

    assert kind.slug == "simulated:snapdragon-855"


def test_simulated_phone_with_the_facts_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="2956800 kHz"):
        recognise(phone(facts={**PLUS_FACTS, "adb_serial_is_loopback": True}))


def test_stated_device_takes_no_runs() -> None:
    with pytest.raises(InvalidInput, match="only stated"):
        recognise(phone(facts={"stated": True}))


def test_stated_device_of_exactly_the_kinds_title_is_of_that_kind() -> None:
    assert recognise_submitted(phone(facts={"stated": True})).slug == "snapdragon-855"


@pytest.mark.parametrize("name", ["SM8150", "snapdragon 855", "Xiaomi Mi 9"])
def test_stated_device_of_any_other_name_is_a_kind_that_no_hardware_shares(name: str) -> None:
    kind = recognise_submitted(phone(kind_name=name, facts={"stated": True}))

    assert kind.slug.startswith("stated:")
    assert (kind.title, kind.peak_flops) == (name, {})
    with pytest.raises(InvalidInput, match="which the site gives"):
        recognise(device_offer(kind_name=kind.slug))


@pytest.mark.parametrize(
    ("kind_name", "facts"),
    [
        ("AMD EPYC 7R32", {"brand": "AMD EPYC 7R32", "family": "23", "model": "49"}),
        ("Intel Xeon Platinum 8259CL", {"brand": "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz"}),
        ("AMD family 23 model 49", {"brand": "QEMU Virtual CPU version 2.5+", "family": "23", "model": "49"}),
        ("ARM model 0xd0c", {"brand": "", "model": "0xd0c"}),
        ("AMD EPYC 7R32", {}),
    ],
)
def test_cpu_is_taken_whose_name_follows_from_its_facts(kind_name: str, facts: wire.Facts) -> None:
    assert recognise(device_offer(kind_name=kind_name, facts=facts)).title == kind_name


@pytest.mark.parametrize("is_simulated", [False, True])
def test_cpu_with_the_brand_of_another_is_refused(is_simulated: bool) -> None:
    facts: wire.Facts = {"brand": "Intel(R) Atom(TM) CPU N270 @ 1.60GHz", "family": "6", "model": "28"}

    with pytest.raises(InvalidInput, match="offered as AMD EPYC 7R32, but its fact brand is 'Intel"):
        recognise(device_offer(kind_name="AMD EPYC 7R32", facts=facts, is_simulated=is_simulated))


@pytest.mark.parametrize("facts", [PHONE_FACTS, {"stated": True}])
@pytest.mark.parametrize("name", ["Sn\N{CYRILLIC SMALL LETTER A}pdragon 855", "Snapdragon\N{ZERO WIDTH SPACE} 855"])
def test_name_that_only_looks_like_another_is_refused(name: str, facts: wire.Facts) -> None:
    with pytest.raises(InvalidInput, match="write it with the letters A to Z"):
        recognise_submitted(phone(kind_name=name, facts=facts))

    assert not DeviceKind.objects.filter(title=name).exists()
