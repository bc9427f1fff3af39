"""Settings of the tests: the site's own, on servers that live as long as the test session."""

from tests.servers import start_for_session

start_for_session()

from zooboard.settings import *  # noqa: E402, F403
from zooboard.settings import STORAGES  # noqa: E402

# Tests make many users; a slow hash protects none of them.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Names without hashes, so that no test has to collect static files first.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
