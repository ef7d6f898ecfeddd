FROM python:3.12.11-slim-bookworm
WORKDIR /build

# uv at the version and hashes of the lock, as scripts/setup.sh does it.
COPY requirements.lock ./
RUN awk '/^[^ ]/ { uv = /^uv==/ } uv' requirements.lock > uv.lock \
    && pip install --no-cache-dir --require-hashes -r uv.lock

# The dependencies change seldom, so they are a layer of their own. As a constraint, the lock leaves out what only
# tests need, and still gives every version and hash.
COPY pyproject.toml ./
RUN uv pip install --system --no-cache --require-hashes --compile-bytecode -r pyproject.toml -c requirements.lock

COPY README.md LICENSE ./
COPY regsearch regsearch
COPY storage storage
COPY sweeps sweeps
RUN uv pip install --system --no-cache --no-deps --build-constraints requirements.lock --compile-bytecode . \
    && useradd --create-home --uid 1000 regsearch

# What runs is an ordinary user, in a folder where it may write.
USER 1000
WORKDIR /home/regsearch
ENTRYPOINT ["regsearch"]
CMD ["--help"]
