# One image for every process of the site and for the agent; docker-compose.yml says which one a container runs.
FROM python:3.12-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ZOOBOARD_STATE=/var/lib/zooboard \
    ZOOBOARD_RUNNER_STATE=/var/lib/zooboard/agent

WORKDIR /srv/zooboard

COPY requirements/runtime.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/runtime.txt \
    && useradd --system --uid 10001 --home-dir /var/lib/zooboard --create-home zooboard

COPY manage.py ./
COPY zooboard zooboard
COPY apps apps
COPY runners runners
COPY fixtures fixtures

USER 10001
VOLUME /var/lib/zooboard
EXPOSE 8000 8001

CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--respawn-failed-workers", "--no-ws", "zooboard.wsgi:application"]
