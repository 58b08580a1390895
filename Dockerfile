# hash-realtime: built with the same CMake as everywhere, run as a number, from a file system that may be read-only.
#
#   docker build -t hash-realtime .
#   docker run --read-only --cap-drop ALL --stop-timeout 10 -p 127.0.0.1:3333:3333 -e HASH_PG_HOST=... hash-realtime
#
# docs/deploying.md has the whole line.

FROM debian:bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ cmake ninja-build pkg-config libpq-dev rapidjson-dev \
      libconcurrentqueue-dev libhiredis-dev libcivetweb-dev libspdlog-dev libssl-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY CMakeLists.txt ./
COPY cmake cmake
COPY include include
COPY src src
# As many jobs as cores, unless the machine is short of memory (about 1 GiB each): --build-arg JOBS=1
ARG JOBS=
RUN cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DREALTIME_TESTS=OFF \
 && cmake --build /build ${JOBS:+-j "$JOBS"} --target hash-realtime \
 && strip --strip-debug -o /hash-realtime /build/src/cli/hash-realtime

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="hash-realtime" \
      org.opencontainers.image.description="Streams PostgreSQL row changes into Redis queues"
# The libraries that the program is linked with, and the authorities for TLS to both servers.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libpq5 libhiredis0.14 libcivetweb1 libspdlog1.10 libssl3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/*
COPY --from=build /hash-realtime /usr/local/bin/hash-realtime
# Fails the build, not the first start, where a library is missing.
RUN ["hash-realtime", "--version"]

# A number, so that runAsNonRoot can be checked. Nothing is owned by it and nothing is written: any other does as well.
USER 10001:10001
EXPOSE 3333
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["hash-realtime", "status", "--probe"]
ENTRYPOINT ["hash-realtime"]
CMD ["run"]
