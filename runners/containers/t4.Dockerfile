# An agent for hosts with NVIDIA GPUs, a Tesla T4 first of all. Build it in the folder `runners`:
#   docker build -f containers/t4.Dockerfile --build-arg NVIDIA_INDEX=... -t zooboard-runner-t4 .
# NVIDIA_INDEX is the address of NVIDIA's package index, as the installation guide of TensorRT names it.
# The driver (r580 or newer) comes from the host, through the NVIDIA Container Toolkit; everything else is pinned here.
FROM python:3.12.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ZOOBOARD_RUNNER_STATE=/var/lib/zooboard-runner \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility

WORKDIR /opt/zooboard-runner

# TensorRT's package is a placeholder that fetches its libraries from NVIDIA's own index.
ARG NVIDIA_INDEX
COPY containers/t4.txt ./
RUN pip install --no-cache-dir --extra-index-url "${NVIDIA_INDEX:?}" -r t4.txt

COPY . runners/
# ONNX Runtime comes in two packages with the same files; the agent's own dependency would replace the one for GPUs.
RUN pip install --no-cache-dir --no-deps ./runners \
    && useradd --system --uid 10002 --home-dir /var/lib/zooboard-runner --create-home zooboard-runner

USER 10002
VOLUME /var/lib/zooboard-runner

ENTRYPOINT ["zooboard-runner"]
CMD ["start", "--busy-host", "refuse"]
