"""Phones as an agent offers them."""

from runners import wire
from tests.factories import device_offer

PHONE = "sd855-bs1-t1"
FACTS = {
    "ro.board.platform": "msmnile",
    "ro.soc.model": "SM8150",
    "cpu_part": "0x804",
    "cpu7_max_frequency_khz": 2_841_600,
}
"""By which a Snapdragon 855 is recognised."""


def phone_offer(*engines: str, is_simulated: bool = False) -> wire.DeviceOffer:
    return device_offer(
        kind_name="Snapdragon 855", category="phone", engines=engines, is_simulated=is_simulated, facts=FACTS
    )
