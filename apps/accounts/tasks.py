"""Background work on accounts."""

from celery import shared_task

from apps.accounts import mail


@shared_task  # type: ignore[untyped-decorator]
def send_reset_links(email: str) -> None:
    """Looked up here and not in the request, whose answer and duration must not tell whether the address is known."""
    mail.send_reset_links(email)
