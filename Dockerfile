# A small image with the command. Build it in the checkout: docker build -t deliverability .
# Use it:  docker run --rm deliverability audit empresa.example
#          docker run --rm -v "$PWD:/work:ro" deliverability check deliverability.toml factura.eml
ARG PYTHON=3.13.9-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /src
RUN python -m venv /opt/deliverability
COPY pyproject.toml README.md LICENSE NOTICE.md ./
COPY src ./src
# With the SMTP server of `listen` and the reader of octoDNS files; pip itself is not needed any more once everything is there.
RUN /opt/deliverability/bin/pip install --no-cache-dir --disable-pip-version-check '.[octodns,testing]' \
 && /opt/deliverability/bin/pip uninstall --yes --no-cache-dir pip

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="deliverability" \
      org.opencontainers.image.description="Will the mail that your domains send be believed?" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/deliverability /opt/deliverability
ENV PATH="/opt/deliverability/bin:${PATH}" \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8
# Nobody's account: what it may write is what the caller mounts for it (docker run --user "$(id -u)").
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["deliverability"]
CMD ["--help"]
