"""The log an agent writes while it works."""

from django.conf import settings
from django.db import transaction

from apps.core.errors import TooLarge, UserError
from apps.runs.models import Attempt, AttemptLog


class WrongOffset(UserError):
    """The caller's offset is not where the log ends; `size` says where to go on."""

    status = 416
    type = "wrong-offset"
    title = "The log does not end there"

    def __init__(self, size: int) -> None:
        super().__init__(f"The log has {size} bytes: go on from there.")
        self.size = size


@transaction.atomic
def append_log(*, attempt: Attempt, offset: int, chunk: bytes) -> int:
    """Append at `offset` bytes; what is there already is not written twice. Returns the new size.

    Raises WrongOffset, which says where to go on, and TooLarge.
    """
    AttemptLog.objects.get_or_create(attempt=attempt)
    log = AttemptLog.objects.select_for_update().get(attempt=attempt)
    text = bytes(log.text)
    if offset > len(text) or text[offset : offset + len(chunk)] != chunk[: len(text) - offset]:
        raise WrongOffset(len(text))
    text = text[:offset] + chunk if offset + len(chunk) > len(text) else text
    if len(text) > settings.MAX_LOG_BYTES:
        raise TooLarge(f"A log has at most {settings.MAX_LOG_BYTES} bytes: write less, or send the end only.")
    log.text = text
    log.save(update_fields=["text"])
    return len(text)
