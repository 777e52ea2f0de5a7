export {
  type AuthenticateRequest,
  gatewayAuthenticator,
  type HostCaller,
  hostAuthenticator,
  jwtAuthenticator,
} from './auth/authentication.js'
export type { Claims, MapSubject } from './auth/jwt-options.js'
export { type DataPlatform, httpSender } from './data-platform/http-sender.js'
export type { Access, Caller } from './http/caller.js'
export { type CommandRoute, commandRoute } from './http/command-route.js'
export { createApp } from './http/create-app.js'
export { createExpressServer } from './http/express-server.js'
export type { HostRoutes, RouteName, ShopRequest } from './http/host-routes.js'
export type { HostSchema, SchemaIssue, SchemaResult } from './http/host-schema.js'
export type {
  AnsweredRequest,
  Authenticator,
  HealthCheck,
  HttpDeps,
  HttpMetrics,
  Readiness,
} from './http/http-deps.js'
export { configureHttpServer } from './http/http-server.js'
export type { CustomProblem, CustomProblems, ProblemStatus } from './http/problem-table.js'
export type { ContextOf, RequestTarget } from './http/request-shop.js'
export type { TenantNaming } from './http/tenant-naming.js'
export { createLogger, type LogLevel } from './observability/logger.js'
export type {
  AuthOptions,
  DatabaseUrlOptions,
  DataPlatformOptions,
  KnexOptions,
  KnexReplicas,
  RedisOptions,
  ReplicaReads,
  ServerObserver,
  ServerOptions,
  StoreOptions,
  UrlReplicas,
} from './options.js'
export { createServer, type PostgresShopServer, type ShopServer } from './server/create-server.js'
export { createShops } from './server/create-shops.js'
export type { CloseOptions, RunningServer } from './server/running-server.js'
export type { ShopsServer } from './server/shops-server.js'
export type { PostgresShop } from './tenants/open-shop.js'
export type { ListShops, LocateShop, ShopLocation } from './tenants/shop-location.js'
export { ShopNotFound } from './tenants/shop-not-found.js'
export type { ShopsOptions, ShopsPlatform } from './tenants/shops-options.js'
