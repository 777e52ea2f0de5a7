# syntax=docker/dockerfile:1
# An exact release with patched zlib and HTTP. .github/renovate.json lets the bot put its digest here (@sha256:…) and renew both.
FROM node:24.22.1-bookworm-slim AS build
WORKDIR /app
ENV CI=true
RUN corepack enable
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.json tsconfig.base.json tsup.base.ts LICENSE ./
COPY scripts scripts
COPY packages packages
COPY examples examples
COPY test-support test-support
COPY bench bench
RUN node scripts/run.mjs build --clean
# Only what the server needs at run time. Its database is another container's: the embedded one stays behind.
RUN pnpm --filter @shop/server-express deploy --prod --no-optional --legacy /server

FROM node:24.22.1-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /server
COPY --from=build --chown=root:root /server ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without npm between: signals reach the server itself.
CMD ["node", "dist/main.js"]
