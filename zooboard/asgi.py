"""The long-poll process, where agents wait for runs."""

import os

# Not a default: the package itself has named the web process's settings by now.
os.environ["DJANGO_SETTINGS_MODULE"] = "zooboard.longpoll_settings"

from django.core.asgi import get_asgi_application

application = get_asgi_application()
