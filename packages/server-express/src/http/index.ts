export { createApp } from './app.js'
export { gatewayAuthenticator, jwtAuthenticator } from './authentication.js'
export { configureHttpServer } from './http-server.js'
