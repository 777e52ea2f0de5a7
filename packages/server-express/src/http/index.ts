export { createApp } from './app.js'
export { gatewayAuthenticator, jwtAuthenticator } from './authentication.js'
export { createExpressServer } from './express-server.js'
export { configureHttpServer } from './http-server.js'
