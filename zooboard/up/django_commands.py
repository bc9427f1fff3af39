"""Several of Django's commands in one process, since starting it takes longer than most of them do.

`python -m zooboard.up.django_commands 'migrate --noinput' seed`
"""

import os
import shlex
import sys

import django
from django.core.management import call_command


def main(lines: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zooboard.settings")
    django.setup()
    for line in lines:
        name, *arguments = shlex.split(line)
        call_command(name, *arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
