export { createApp } from './app.js'
export { gatewayAuthenticator, jwtAuthenticator } from './authentication.js'
export { createExpressServer } from './express-server.js'
export { configureHttpServer, type ServerLimits } from './http-server.js'
