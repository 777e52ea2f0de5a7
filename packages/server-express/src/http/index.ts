export { createApp } from './app.js'
export type { JwtOptions } from './authentication.js'
export { gatewayAuthenticator, jwtAuthenticator } from './authentication.js'
export type {
  AnsweredRequest,
  Authenticator,
  Caller,
  HealthCheck,
  HttpDeps,
  HttpMetrics,
  ProblemStatus,
  Readiness,
} from './http-deps.js'
export { configureHttpServer } from './http-server.js'
