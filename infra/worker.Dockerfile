# A worker without broker and database: the core dependencies only, no extras.
# Build from the top of the repository: docker build -f infra/worker.Dockerfile -t wardwatch-worker .
FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/wardwatch \
    && /opt/wardwatch/bin/pip install --no-cache-dir --require-hashes -r infra/worker.lock \
    && /opt/wardwatch/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
COPY --from=build /opt/wardwatch /opt/wardwatch
# Compiled kernels and checkpoints need a place to live; mount a volume here to keep them.
ENV WARDWATCH_DATA_DIR=/var/lib/wardwatch NUMBA_CACHE_DIR=/var/lib/wardwatch/kernels PATH=/opt/wardwatch/bin:$PATH
RUN useradd --system --home-dir /var/lib/wardwatch --create-home wardwatch
USER wardwatch
ENTRYPOINT ["wardwatch"]
CMD ["worker"]
