# The house as an image: the page is built, the packages are installed, and only what runs is kept.
#   docker build --target runtime .         every process
#   docker build --target runtime-cuda .    the transcriber on an NVIDIA card
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS page
WORKDIR /src/console/web
COPY console/web/package.json console/web/package-lock.json ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY console/web/ ./
RUN npm run build

FROM ${PYTHON_IMAGE} AS packages
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml constraints.txt ./
RUN python -m venv /opt/hotline \
    && python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' > needed.txt \
    && /opt/hotline/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt -r needed.txt
COPY LICENSE NOTICE README.md ./
COPY schemas schemas
COPY routing routing
COPY agents agents
COPY console console
COPY pipeline pipeline
COPY --from=page /src/console/web/dist console/web/dist
RUN /opt/hotline/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps . \
    && test -f /opt/hotline/lib/python3.11/site-packages/console/web/dist/index.html

FROM ${PYTHON_IMAGE} AS runtime
RUN groupadd --gid 10001 hotline \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/hotline --shell /usr/sbin/nologin hotline \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/hotline /models
COPY --from=packages /opt/hotline /opt/hotline
ENV PATH=/opt/hotline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    HF_HOME=/tmp/huggingface \
    HOTLINE_HOME=/var/lib/hotline \
    HOTLINE_MODELS=/models \
    HOTLINE_METRICS_PORT=9100
WORKDIR /var/lib/hotline
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["hotline", "health"]
CMD ["hotline", "--help"]

# CTranslate2 4.8 asks for cuBLAS 12 and for nothing else of CUDA; the driver comes from the host.
FROM runtime AS runtime-cuda
USER root
COPY constraints.txt /tmp/constraints.txt
RUN pip install --no-cache-dir --disable-pip-version-check -c /tmp/constraints.txt nvidia-cublas-cu12 \
    && rm /tmp/constraints.txt
ENV LD_LIBRARY_PATH=/opt/hotline/lib/python3.11/site-packages/nvidia/cublas/lib \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 10001:10001
