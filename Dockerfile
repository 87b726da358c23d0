# syntax=docker/dockerfile:1
# The hub as an image: `docker build -t pursight/hub .`. See docs/quick-start-cluster.md for how it is run.

FROM node:22-bookworm-slim AS build
WORKDIR /app
# Dependencies first, so that a change of source does not fetch them again. No package may run a script at install.
COPY package.json package-lock.json ./
COPY client-sdk/package.json client-sdk/package.json
COPY dashboard/package.json dashboard/package.json
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json tsconfig.json ./
COPY channels channels
COPY adapters adapters
COPY client-sdk client-sdk
COPY dashboard dashboard
COPY server server
COPY cli cli
COPY deploy/image deploy/image
RUN npm run build \
 && find dist -name '*.tsbuildinfo' -delete \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/@pursight node_modules/.cache \
 && node deploy/image/drop-foreign-binaries.mjs . \
 && mkdir /data

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    PURSIGHT_ENV=production \
    PURSIGHT_HOST=0.0.0.0 \
    PURSIGHT_PORT=8080 \
    PURSIGHT_DATA_DIR=/data
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY LICENSE ./
COPY --from=build --chown=root:root /app/node_modules node_modules
COPY --from=build --chown=root:root /app/dist dist
# Only /data is ever written, so the root file system may be read-only.
COPY --from=build --chown=node:node /data /data
VOLUME /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PURSIGHT_PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["serve"]
