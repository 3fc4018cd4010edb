# The image of the service: compiled JavaScript and one dependency on the official Node image.
#
# What runs here runs on the processor that builds, whatever the image is for: nothing in it is native, and the last
# stage only copies. The legacy builder knows no BUILDPLATFORM, and builds for its own.

FROM --platform=${BUILDPLATFORM:-linux} node:26.10.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script here: the pinned `node` package is what the base image has.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && mkdir data

FROM --platform=${BUILDPLATFORM:-linux} node:26.10.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Type declarations, source maps and sources are 10 of the driver's 13 MB, and never loaded.
# The list of what is there (CycloneDX) is made without the development packages' names: with them,
# `npm sbom --omit=dev` fails, or leaves out what one of them needs too (npm 11).
RUN npm ci --omit=dev --ignore-scripts \
  && npm pkg delete devDependencies \
  && npm sbom --sbom-type=application --sbom-format=cyclonedx > sbom.cdx.json \
  && find node_modules \( -name '*.d.ts' -o -name '*.map' -o -path '*/mongodb/src/*' -o -path '*/bson/src/*' \) -delete

FROM node:26.10.0-bookworm-slim
# The container's own network is the boundary: who reaches it is said by -p, or by a Service.
ENV NODE_ENV=production HOST=::
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/sbom.cdx.json ./
COPY --from=build /app/dist dist
# The embedded store's folder, for a container without a database; everything else is read-only.
COPY --chown=1000:1000 --from=build /app/data data
# By number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 1000:1000
EXPOSE 5000
# The exec form makes node PID 1, so SIGTERM reaches it; npm or a shell in between would keep it.
# A young generation of 8 MiB: at 64 connections 110 to 120 MB resident, with Node's 16 it is 145 to
# 200 and no faster. With 2 it is as much as with 8 and 10 to 50 % slower, because requests in flight
# do not fit and are copied again and again (measured).
# The heap may grow fourfold between two collections, within --max-old-space-size: V8 marks all of it
# for each 16 MiB otherwise, bodies included, and its four threads took half of the core while 1,000
# clients sent 64 KiB each. 0 to 30 MB more are resident at 64 and 256 connections.
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=300", "dist/main.js"]
