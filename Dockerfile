# syntax=docker/dockerfile:1
#
# Two images: `gateway`, the default, as production has it, without the simulator; and `simulators`, the same program
# with the simulated insurers, the demo and the rehearsal.
#
#   docker build -t veer-gateway .
#   docker build -t veer-simulators --target simulators .
#
# What cargo has fetched and built stays in the builder's caches, so a change compiles what it touched.

FROM rust:1.95-bookworm AS source
WORKDIR /veer
COPY . .

FROM source AS build-gateway
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/veer/target,id=veer-gateway \
    cargo build --release --locked --package veer --no-default-features --features mimalloc \
    && cp target/release/veer /veer-built

FROM source AS build-simulators
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/veer/target,id=veer-simulators \
    cargo build --release --locked --package veer \
    && cp target/release/veer /veer-built

FROM debian:bookworm-slim AS base
# The authorities that insurers' certificates are checked by.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/veer --create-home veer
USER veer
WORKDIR /var/lib/veer
ENTRYPOINT ["/usr/local/bin/veer"]

FROM base AS simulators
COPY --from=build-simulators /veer-built /usr/local/bin/veer
EXPOSE 9100-9109
CMD ["simulate"]

FROM base AS gateway
COPY --from=build-gateway /veer-built /usr/local/bin/veer
# The partner API and the operations port. In a container `partner.listen` and `operations.listen` must say 0.0.0.0.
EXPOSE 8080 9090
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
CMD ["serve", "--config", "/etc/veer/veer.toml"]
