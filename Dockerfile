# One image for the web server, the workers and the job that prepares the namespace; docker-compose.yml names their commands.
# Debian rather than Alpine: Temporal's SDK is built for glibc only.
FROM node:24-bookworm-slim AS build
WORKDIR /holdfast
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-fund --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /holdfast
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-fund --no-audit

FROM node:24-bookworm-slim
# The slim image has no certificates, which workers need for a Temporal that is reached by TLS.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps HOLDFAST_HOME=/var/lib/holdfast
WORKDIR /holdfast
COPY package.json ./
COPY --from=dependencies /holdfast/node_modules node_modules
COPY --from=build /holdfast/dist dist
# Made here, so that a volume mounted on it belongs to the user who writes to it.
RUN install --directory --owner=node --group=node /var/lib/holdfast /var/lib/holdfast/reports \
  && install --directory --owner=node --group=node --mode=700 /var/lib/holdfast/in-hand
# The image's user `node`, by number: Kubernetes cannot tell by a name that it is not root.
USER 1000:1000
EXPOSE 3000
# Of the web server; docker-compose.yml gives workers their own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --start-interval=1s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/bin/web.js"]
