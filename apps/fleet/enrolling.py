"""How somebody registers hardware: the one line to paste."""

from django.conf import settings


def enrol_command(code: str) -> str:
    return f"zooboard-runner enroll {settings.SITE_URL} {code}"
