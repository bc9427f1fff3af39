from datetime import timedelta
from typing import Any

import pytest

from apps.board.agent_rows import warnings
from apps.core.errors import InvalidInput
from apps.fleet.actions import attach_devices
from apps.fleet.api.base import agent_settings
from apps.fleet.models import Attachment, Device
from tests.factories import NOW, attach, device_offer, make_agent, make_user

pytestmark = pytest.mark.usefixtures("catalogue")


def test_device_is_recognised_by_its_fingerprint() -> None:
    agent, _ = make_agent()
    offer = device_offer()

    first, second = attach(agent, offer), attach(agent, offer)

    assert first == second
    assert Device.objects.count() == 1


@pytest.mark.parametrize(("is_simulated", "statements"), [(False, 4), (True, 5)])
def test_offer_that_did_not_change_only_notes_that_it_was_seen(
    django_assert_max_num_queries: Any, is_simulated: bool, statements: int
) -> None:
    agent, _ = make_agent()
    offer = device_offer(facts={"brand": "Example CPU 9000", "cores": 8}, is_simulated=is_simulated)
    before, later = attach(agent, offer), NOW + timedelta(minutes=1)

    # Two of them are the savepoint of a test's transaction.
    with django_assert_max_num_queries(statements + 2):
        after = attach_devices(agent=agent, offers=[offer], at=later)

    [attachment] = Attachment.objects.select_related("device")
    assert before == after == [attachment]
    assert (attachment.last_seen_at, attachment.device.last_seen_at) == (later, later)
    assert attachment.device.first_seen_at == NOW


@pytest.mark.parametrize("change", [{"facts": {"cores": 9}}, {"is_simulated": True}, {"engines": ["onnx"]}])
def test_offer_that_changed_in_anything_is_noted_anew(change: dict[str, Any]) -> None:
    agent, _ = make_agent()
    fingerprint = device_offer().fingerprint
    attach(agent, device_offer(fingerprint=fingerprint, facts={"cores": 8}))
    changed = device_offer(**{"fingerprint": fingerprint, "facts": {"cores": 8}, **change})

    [attachment] = attach(agent, changed)

    assert Attachment.objects.get() == attachment
    assert attachment.device.facts == changed.facts
    assert attachment.device.kind.is_simulated == changed.is_simulated
    assert attachment.engine_names == [engine.name for engine in changed.engines]


def test_device_behind_two_agents_of_one_owner_is_one_device() -> None:
    owner = make_user()
    offer = device_offer()

    attach(make_agent(owner=owner)[0], offer)
    attach(make_agent(owner=owner)[0], offer)

    assert (Device.objects.count(), Attachment.objects.count()) == (1, 2)


def test_owner_cannot_claim_the_device_of_another() -> None:
    offer = device_offer()

    [mine], [yours] = attach(make_agent()[0], offer), attach(make_agent()[0], offer)

    assert mine.device != yours.device


def test_attachments_come_in_the_order_of_the_offers() -> None:
    agent, _ = make_agent()
    offers = [device_offer(), device_offer(), device_offer()]

    attachments = attach(agent, *offers)

    assert [a.device.fingerprint for a in attachments] == [offer.fingerprint for offer in offers]


def test_offer_replaces_the_engines() -> None:
    agent, _ = make_agent()
    fingerprint = device_offer().fingerprint
    attach(agent, device_offer(fingerprint=fingerprint, engines=["onnxruntime"]))

    [attachment] = attach(agent, device_offer(fingerprint=fingerprint, engines=["onnx"]))

    assert attachment.engine_names == ["onnx"]
    assert attachment.offers("onnx") == {"name": "onnx", "release": "1.2.3"}
    assert attachment.offers("onnxruntime") is None


def test_device_no_longer_offered_is_detached_and_kept() -> None:
    agent, _ = make_agent()
    [before] = attach(agent)

    [after] = attach(agent)

    assert list(agent.attachments.all()) == [after]
    assert Device.objects.filter(pk=before.device_id).exists()


def test_device_that_the_site_cannot_take_does_not_stop_the_one_beside_it() -> None:
    agent, _ = make_agent()
    good, bad = device_offer(), device_offer(kind_name="?")

    attached = attach_devices(agent=agent, offers=[bad, good], at=NOW)

    agent.refresh_from_db()
    [refused] = agent_settings(agent).refused_devices
    assert [attachment.device.fingerprint for attachment in attached] == [good.fingerprint]
    assert (refused.fingerprint, refused.kind_name) == (bad.fingerprint, "?")
    assert "no letter or digit" in refused.reason
    assert warnings(agent) == [f"? is refused: {refused.reason}"]


def test_refusal_is_over_with_the_next_offer_that_can_be_taken() -> None:
    agent, _ = make_agent()
    attach_devices(agent=agent, offers=[device_offer(), device_offer(kind_name="?")], at=NOW)

    attach(agent)

    agent.refresh_from_db()
    assert agent.refused_devices == []


def test_offer_of_nothing_that_the_site_can_take_is_refused_and_noted() -> None:
    agent, _ = make_agent()

    with pytest.raises(InvalidInput, match="no letter or digit"):
        attach_devices(agent=agent, offers=[device_offer(kind_name="?")], at=NOW)

    agent.refresh_from_db()
    assert len(agent.refused_devices) == 1
    assert not Device.objects.exists()
