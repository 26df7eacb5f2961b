# The static binary and nothing else: no shell, no libraries, no package manager.
#
# It takes binaries that are built already, so that the image holds the very bytes of the released
# archives. By hand, with one platform:
#
#     cargo build --locked --release --target x86_64-unknown-linux-musl
#     install -D target/x86_64-unknown-linux-musl/release/credlint image/amd64/credlint
#     docker build --file Dockerfile --tag credlint image
#     docker run --rm --network none --user "$(id -u):$(id -g)" --volume "$PWD:/src:ro" credlint scan .
#
# There is no git in it: `credlint hook` and `scan --history` need one and say so.
FROM scratch
# Filled in by the builder: amd64 or arm64.
ARG TARGETARCH
COPY --chmod=755 ${TARGETARCH}/credlint /credlint
USER 65532:65532
WORKDIR /src
ENTRYPOINT ["/credlint"]
CMD ["scan", "."]
