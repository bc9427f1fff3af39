import pytest

from apps.accounts.models import AuditEntry
from apps.core.errors import InvalidInput
from apps.runs.actions.campaigns import create_campaign, expand_campaign
from apps.runs.models import Campaign, Run
from tests.accuracies import ACCURACY
from tests.factories import COMPLEXITY, LATENCY, MODEL, NOW, OTHER_MODEL, make_campaign, make_runs, make_user

pytestmark = pytest.mark.usefixtures("catalogue")


def _fields(
    models: list[str], protocols: list[str], *, engine: str = "", device_kind: str | None = None, dataset: str = ""
) -> tuple[str, list[str]]:
    """The refusal: its sentence and the fields it names."""
    with pytest.raises(InvalidInput) as refused:
        create_campaign(
            requested_by=make_user(),
            model_names=models,
            protocol_slugs=protocols,
            engine=engine,
            device_kind=device_kind,
            dataset=dataset,
            at=NOW,
        )
    assert not Campaign.objects.exists()
    return refused.value.detail, [error["field"] for error in refused.value.errors]


def test_unknown_models_are_each_named() -> None:
    detail, fields = _fields([MODEL, "NoNet", "NilNet"], [LATENCY])

    assert "NoNet, NilNet" in detail
    assert fields == ["models", "models"]


def test_no_model_is_refused() -> None:
    assert _fields([], [LATENCY])[1] == ["models"]


@pytest.mark.parametrize("slug", ["no-such-protocol", "paddleclas-sd855-bs1"])
def test_protocol_that_agents_cannot_execute_is_refused_with_those_they_can(slug: str) -> None:
    detail, fields = _fields([MODEL], [slug])

    assert slug in detail
    assert COMPLEXITY in detail
    assert LATENCY in detail
    assert fields == ["protocols"]


def test_no_protocol_is_refused() -> None:
    assert _fields([MODEL], [])[1] == ["protocols"]


def test_engine_that_no_protocol_runs_on_is_refused() -> None:
    detail, fields = _fields([MODEL], [LATENCY], engine="paddle-lite")

    assert "ncnn, onnxruntime, openvino, stub" in detail
    assert fields == ["engine"]


def test_unknown_device_kind_is_refused() -> None:
    assert _fields([MODEL], [LATENCY], device_kind="abacus")[1] == ["device_kind"]


def test_campaign_keeps_each_name_once_and_is_audited() -> None:
    user = make_user()

    campaign = make_campaign(requested_by=user, models=[MODEL, MODEL], protocols=[LATENCY, LATENCY])

    assert (campaign.model_names, campaign.protocol_slugs) == ([MODEL], [LATENCY])
    assert campaign.title == "cpu-fp32-bs1: 1 model"
    assert AuditEntry.objects.get(action="campaign.create").actor == user


def test_expansion_makes_one_run_for_each_model_and_protocol() -> None:
    runs = make_runs(requested_by=make_user(), models=[MODEL, OTHER_MODEL], protocols=[LATENCY, COMPLEXITY])

    assert [(run.network.name, run.protocol.slug, run.engine) for run in runs] == [
        (MODEL, LATENCY, "onnxruntime"),
        (MODEL, COMPLEXITY, "onnx"),
        (OTHER_MODEL, LATENCY, "onnxruntime"),
        (OTHER_MODEL, COMPLEXITY, "onnx"),
    ]
    assert all(run.state == "queued" and run.artifact is not None for run in runs)


def test_expansion_happens_once() -> None:
    campaign = make_campaign(requested_by=make_user(), models=[MODEL, OTHER_MODEL])

    counts = [expand_campaign(campaign_id=campaign.pk, at=NOW) for _ in range(3)]

    assert counts == [2, 0, 0]
    assert Run.objects.count() == 2


def test_engine_of_the_campaign_goes_to_the_protocols_that_know_it() -> None:
    runs = make_runs(requested_by=make_user(), protocols=[LATENCY, COMPLEXITY], engine="stub")

    assert [run.engine for run in runs] == ["stub", "onnx"]


def test_device_kind_goes_to_the_runs_whose_number_depends_on_it() -> None:
    runs = make_runs(requested_by=make_user(), protocols=[LATENCY, COMPLEXITY], device_kind="snapdragon-855")

    assert [run.device_kind.slug if run.device_kind else None for run in runs] == ["snapdragon-855", None]


@pytest.mark.parametrize(
    ("protocol", "dataset", "says"),
    [(LATENCY, "sample10", "is for accuracy protocols"), (ACCURACY, "../images", "not a path")],
)
def test_dataset_that_no_protocol_can_use_is_refused(protocol: str, dataset: str, says: str) -> None:
    detail, fields = _fields([MODEL], [protocol], dataset=dataset)

    assert says in detail
    assert fields == ["dataset"]


def test_protocol_of_another_task_than_the_models_is_refused() -> None:
    detail, fields = _fields([MODEL], ["accuracy-text-angle"])

    assert detail == f"accuracy-text-angle is for task text-angle, and {MODEL} does imagenet1k."
    assert fields == ["models"]


def test_dataset_goes_to_the_accuracy_runs_of_a_campaign_alone() -> None:
    accuracy, latency = make_runs(requested_by=make_user(), protocols=[ACCURACY, LATENCY], dataset="sample10")

    assert (accuracy.dataset, latency.dataset) == ("sample10", "")
