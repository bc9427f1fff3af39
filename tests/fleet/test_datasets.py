import pytest

from apps.core.errors import InvalidInput
from apps.fleet.actions import offer_datasets
from apps.fleet.models import Agent
from tests.accuracies import SUBSET
from tests.factories import make_agent

pytestmark = pytest.mark.usefixtures("catalogue")


def test_agent_has_the_datasets_that_it_offered_last() -> None:
    agent, _ = make_agent()
    offer_datasets(agent=agent, datasets=[SUBSET])

    offer_datasets(agent=agent, datasets=[SUBSET.model_copy(update={"name": "other"})])

    assert [offered["name"] for offered in Agent.objects.get(pk=agent.pk).datasets] == ["other"]


def test_two_datasets_of_one_task_with_one_name_are_refused() -> None:
    agent, _ = make_agent()

    with pytest.raises(InvalidInput, match="Two datasets of one task are called sample10"):
        offer_datasets(agent=agent, datasets=[SUBSET, SUBSET.model_copy(update={"sha256": "cd" * 32})])


def test_one_name_may_stand_for_images_of_two_tasks() -> None:
    agent, _ = make_agent()

    offer_datasets(agent=agent, datasets=[SUBSET, SUBSET.model_copy(update={"task": "text-angle"})])

    assert len(Agent.objects.get(pk=agent.pk).datasets) == 2
