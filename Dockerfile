# syntax=docker/dockerfile:1
# Builds Legroom on Debian 13 and leaves an image with the program, the libraries it links and nothing else of ours.
#
#   docker build -t legroom .
#   docker run --network host -v ./legroom.yaml:/etc/legroom/legroom.yaml:ro -v legroom-state:/var/lib/legroom legroom
#
# The host's network is recommended: media uses thousands of UDP ports, and addresses in SIP are those of the machine.
# Every RUN is one script of scripts/docker/, so that the steps can be tested without an engine (make soak does).

FROM debian:trixie-slim AS build
ARG X264=0
ENV X264=$X264 LEGROOM_CACHE=/var/cache/legroom
WORKDIR /src
# FFmpeg first and apart: it changes seldom and takes longest.
COPY scripts/lib.sh scripts/deps.sh scripts/ffmpeg.sh scripts/
COPY scripts/docker/toolchain.sh scripts/docker/
RUN scripts/docker/toolchain.sh
COPY . .
RUN scripts/docker/build.sh

FROM debian:trixie-slim
LABEL org.opencontainers.image.title="Legroom" org.opencontainers.image.licenses="Apache-2.0"
# Drivers of graphics cards by VA-API, as packages: "intel-media-va-driver mesa-va-drivers". NVIDIA's come from the host.
ARG VA_DRIVERS=
COPY --from=build /out/packages /tmp/packages
COPY scripts/docker/runtime.sh /tmp/runtime.sh
RUN /tmp/runtime.sh
COPY --from=build /out/legroom /usr/bin/legroom
COPY --from=build /out/licences /usr/share/doc/legroom
COPY configs/legroom.yaml /etc/legroom/legroom.yaml
# State (certificates and PINs made at first start) lies in the working folder.
WORKDIR /var/lib/legroom
VOLUME /var/lib/legroom
USER legroom
# SIP; web client and its media; media of telephones is UDP 20000 to 29999 (sip.rtp.portMin and portMax).
EXPOSE 5060/udp 5060/tcp 5061/tcp 8443/tcp 8443/udp 8444/tcp 20000-29999/udp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["legroom", "health", "--config", "/etc/legroom/legroom.yaml"]
CMD ["legroom", "serve", "--config", "/etc/legroom/legroom.yaml"]
