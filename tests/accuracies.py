"""What tests of accuracies need: labelled images as an agent offers them, trained weights, and records."""

import hashlib
from collections.abc import Sequence

from apps.catalog.actions import store_artifact
from apps.catalog.importing import NewFamily, import_model
from apps.catalog.models import Artifact, Dataset, Network
from apps.fleet.actions import offer_datasets
from apps.fleet.models import Agent, Attachment
from apps.runs.models import Attempt
from runners import wire
from tests.factories import MODEL, NOW, attach, lease, make_agent, make_runs, make_user

ACCURACY = "accuracy-imagenet1k"
TASK = "imagenet1k"
RANKS = (0, 0, 0, 0, 0, 0, 1, 2, 5, 5)
SUBSET = wire.Dataset(name="sample10", task=TASK, images=10, classes=1000, sha256="ab" * 32)
PREPARATION = wire.InputPreparation(
    method="short-side-crop", height=224, width=224, short_side=256, mean=[0.485, 0.456, 0.406], std=[0.2, 0.2, 0.2]
)


def standard_dataset(*, images: int = 10) -> wire.Dataset:
    """Make a small set of images the standard one of ImageNet-1k, and give it as an agent offers it."""
    sha256 = hashlib.sha256(b"standard").hexdigest()
    values = {"name": "val", "title": "ImageNet-1k validation set", "images": images, "classes": 1000, "sha256": sha256}
    Dataset.objects.update_or_create(task=TASK, defaults=values)
    return wire.Dataset(name="all-of-it", task=TASK, images=images, classes=1000, sha256=sha256)


def trained_artifact(
    model: str = MODEL,
    *,
    weights: str = "trained by a test",
    weights_kind: wire.WeightsKind = wire.WeightsKind.STATED,
    preparation: wire.InputPreparation | None = PREPARATION,
    content: bytes = b"trained",
) -> Artifact:
    network = Network.objects.get(name=model)
    return store_artifact(
        architecture=network.architecture,
        network=network,
        format="onnx",
        precision="fp32",
        weights=weights,
        weights_kind=weights_kind,
        files={"model.onnx": content},
        is_uploaded=False,
        input_preparation=preparation,
        at=NOW,
    )


def offering_agent(*datasets: wire.Dataset) -> tuple[Agent, list[Attachment]]:
    agent, _ = make_agent(owner=make_user())
    offer_datasets(agent=agent, datasets=datasets)
    return agent, attach(agent)


def leased_accuracy(offered: wire.Dataset, *, name: str = "") -> Attempt:
    """An attempt at the accuracy of a trained model on these images."""
    trained_artifact()
    agent, attachments = offering_agent(offered)
    make_runs(requested_by=agent.owner, protocols=[ACCURACY], dataset=name)
    return lease(agent, attachments)


def accuracy_record(dataset: wire.Dataset = SUBSET, *, ranks: Sequence[int] = RANKS) -> wire.AccuracyRecord:
    """Image k is of class k; the network says its class where the rank is 0, else the class after it."""
    labels = list(range(len(ranks)))
    told = [-1 if rank == -1 else label + (rank > 0) for label, rank in zip(labels, ranks, strict=True)]
    unreadable = [wire.UnreadableImage(name=f"{k}.JPEG", reason="broken") for k, rank in enumerate(ranks) if rank == -1]
    return wire.AccuracyRecord(
        dataset=dataset,
        labels=labels,
        predicted=told,
        ranks=list(ranks),
        unreadable=unreadable,
        stated_top1=ranks.count(0),
        stated_top5=sum(0 <= rank < 5 for rank in ranks),
    )


def import_text_angle(content: bytes, *, name: str = "text-angle-mobile") -> Artifact:
    """A model of another task and of a family of its own."""
    return import_model(
        name=name,
        files={"model.onnx": content},
        family="text-lines",
        new_family=NewFamily("Text lines", "Example", 2021),
        task="text-angle",
        weights="trained by its maker",
        preparation=wire.InputPreparation(method="fit-pad", height=48, width=192, mean=[0.5] * 3, std=[0.5] * 3),
        is_uploaded=False,
        at=NOW,
    )
