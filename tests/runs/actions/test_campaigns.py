import pytest

from apps.accounts.models import AuditEntry
from apps.catalog.actions import store_artifact
from apps.catalog.models import Network
from apps.core.errors import InvalidInput
from apps.runs.actions.campaigns import cancel_run, create_campaign, expand_campaign, set_priority
from apps.runs.models import Campaign, Run
from tests.accuracies import ACCURACY
from tests.factories import (
    COMPLEXITY,
    LATENCY,
    MODEL,
    NOW,
    OTHER_MODEL,
    attach,
    make_agent,
    make_campaign,
    make_runs,
    make_user,
)
from tests.runs.phones import PHONE

INT8_MODEL = "MobileNetV3_large_x1_0_ssld_int8"

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
    assert campaign.title == f"cpu-fp32-bs1: {MODEL}"
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
    attach(make_agent()[0])

    runs = make_runs(requested_by=make_user(), protocols=[LATENCY, COMPLEXITY], device_kind="example-cpu-9000")

    assert [run.device_kind.slug if run.device_kind else None for run in runs] == ["example-cpu-9000", None]


def test_run_is_for_the_device_kind_of_its_protocol() -> None:
    [run] = make_runs(requested_by=make_user(), protocols=[PHONE], engine="ncnn")

    assert run.device_kind is not None
    assert run.device_kind.slug == "snapdragon-855"


@pytest.mark.parametrize(
    ("protocol", "device_kind", "says"),
    [
        (PHONE, "tesla-t4", "sd855-bs1-t1 is for snapdragon-855 or simulated:snapdragon-855, and tesla-t4 is another"),
        (LATENCY, "tesla-t4", "cpu-fp32-bs1 is for a cpu, and tesla-t4 is another"),
    ],
)
def test_device_kind_that_a_protocol_cannot_measure_is_refused(protocol: str, device_kind: str, says: str) -> None:
    detail, fields = _fields([MODEL], [protocol], device_kind=device_kind)

    assert says in detail
    assert fields == ["device_kind"]


def test_int8_model_gets_its_int8_artifact_on_the_phone() -> None:
    network = Network.objects.get(name=INT8_MODEL)
    artifact = store_artifact(
        architecture=network.architecture,
        network=network,
        format="onnx",
        precision="int8",
        weights="random (seed 0), int8",
        files={"model.onnx": b"int8"},
        is_uploaded=False,
        at=NOW,
    )

    int8, fp32 = make_runs(requested_by=make_user(), models=[INT8_MODEL, MODEL], protocols=[PHONE], engine="ncnn")

    assert int8.artifact == artifact
    assert fp32.artifact is not None
    assert fp32.artifact.precision == "fp32"


def test_all_models_are_those_of_the_protocols_tasks() -> None:
    latency = make_campaign(requested_by=make_user(), models="all")
    both = make_campaign(requested_by=make_user(), models="all", protocols=[ACCURACY, "accuracy-text-angle"])

    expand_campaign(campaign_id=both.pk, at=NOW)

    assert len(latency.model_names) == Network.objects.filter(task="imagenet1k").count()
    assert latency.title == f"cpu-fp32-bs1: all {len(latency.model_names)} models"
    assert both.runs.count() == Network.objects.count() == len(both.model_names)


def test_title_of_many_protocols_stays_short() -> None:
    campaign = make_campaign(requested_by=make_user(), protocols=[LATENCY, COMPLEXITY, "cpu-fp32-bs4", "cpu-fp32-bs8"])

    assert campaign.title == f"cpu-fp32-bs1, complexity-224 and 2 more: {MODEL}"


def test_title_names_the_first_models_the_engine_and_the_device_kind() -> None:
    models = [MODEL, "MobileNetV2", "ShuffleNetV2"]

    campaign = make_campaign(
        requested_by=make_user(), protocols=[PHONE], models=models, engine="ncnn", device_kind="snapdragon-855"
    )

    assert campaign.title == f"{PHONE} with ncnn on Snapdragon 855: {MODEL}, MobileNetV2 and 1 more"


def test_priority_goes_to_the_runs() -> None:
    user = make_user()
    campaign = create_campaign(
        requested_by=user, model_names=[MODEL], protocol_slugs=[LATENCY], priority=150, title="", at=NOW
    )

    expand_campaign(campaign_id=campaign.pk, at=NOW)

    assert campaign.runs.get().priority == 150


@pytest.mark.parametrize(("is_staff", "priority"), [(False, 99), (False, 201), (True, 201), (True, -1)])
def test_urgency_that_is_not_theirs_to_choose_is_refused(is_staff: bool, priority: int) -> None:
    campaign = make_campaign(requested_by=make_user())

    with pytest.raises(InvalidInput, match="a lower one is more urgent") as refused:
        set_priority(
            campaign_id=campaign.pk,
            priority=priority,
            by=make_user(is_staff=True) if is_staff else campaign.requested_by,
            at=NOW,
        )

    assert [error["field"] for error in refused.value.errors] == ["priority"]


def test_urgency_changes_for_the_runs_that_are_not_over() -> None:
    user = make_user(is_staff=True)
    first, _ = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    cancel_run(run_id=first.pk, by=user, at=NOW)

    for _ in range(2):
        set_priority(campaign_id=first.campaign_id, priority=10, by=user, at=NOW)

    assert list(Run.objects.order_by("id").values_list("priority", flat=True)) == [100, 10]
    entry = AuditEntry.objects.get(action="campaign.priority")
    assert entry.detail == {"before": 100, "after": 10}


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
