# syntax=docker/dockerfile:1
# Two stages: the first compiles, the second holds the program and nothing to build with. Pages,
# queries, prices and the list of time zones are inside the program, so one file is copied over.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
# What cargo downloads and compiles is kept between builds; the program is taken out of the cache
# in the same step, because the cache is not part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin switchyard \
    && install -D target/release/switchyard /out/switchyard

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Switchyard" \
      org.opencontainers.image.description="A relay between AI coding agents and many AI vendors" \
      org.opencontainers.image.licenses="MIT"
# The number, not the name, is what Kubernetes checks for runAsNonRoot.
RUN groupadd --gid 10001 switchyard \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/switchyard \
       --shell /usr/sbin/nologin switchyard \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/switchyard
COPY --from=build /out/switchyard /usr/local/bin/switchyard
ENV SWITCHYARD_DATA_DIR=/var/lib/switchyard
WORKDIR /var/lib/switchyard
VOLUME /var/lib/switchyard
USER 10001:10001
EXPOSE 23000
# A stop takes SHUTDOWN_GRACE_SECONDS (25) and up to 13 s more: with `docker stop` use --time 45.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["switchyard", "health"]
ENTRYPOINT ["switchyard"]
