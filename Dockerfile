# The base names its Python and its Debian; patches of both are wanted, so no digest.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/fundstelle

# torch by itself: its default build on Linux brings gigabytes for graphics cards. The alarm bounds a name look-up that hangs.
COPY constraints.txt ./
RUN index=https://download.pytorch.org/whl/cpu; \
    if python -c "import signal, urllib.request as web; signal.alarm(4); web.urlopen('$index/torch/', timeout=3).close()" 2> /dev/null; \
    then /opt/fundstelle/bin/pip install --no-deps --index-url "$index" torch==2.13.0; \
    else /opt/fundstelle/bin/pip install --no-deps torch==2.13.0; fi

# The dependencies before our own files, so that a change of ours does not install them again.
COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
      > /tmp/requirements.txt \
    && /opt/fundstelle/bin/pip install -c constraints.txt -r /tmp/requirements.txt \
    && pip install -c constraints.txt hatchling

COPY README.md ./
COPY corpus corpus
COPY index index
COPY service service
COPY eval eval
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
    && /opt/fundstelle/bin/pip install --no-deps /tmp/wheel/*.whl \
    && /opt/fundstelle/bin/fundstelle --help > /dev/null


FROM python:${PYTHON}
RUN groupadd --gid 10001 fundstelle \
    && useradd --no-log-init --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin fundstelle \
    && install -d -m 0750 -o fundstelle -g fundstelle /data
COPY --from=build /opt/fundstelle /opt/fundstelle
# Beyond loopback the service starts only with a key: docker run -e FUNDSTELLE_API_KEY=... (docs/operations.md).
ENV PATH=/opt/fundstelle/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HOME=/data/models \
    FUNDSTELLE_DATA=/data \
    FUNDSTELLE_HOST=0.0.0.0 \
    FUNDSTELLE_PORT=8000
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"FUNDSTELLE_PORT\"]}/healthz', timeout=4).close()"]
CMD ["fundstelle", "serve"]
