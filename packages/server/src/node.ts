export { loadKeys, type LoadKeysOptions } from './auth/key-file.ts'
export { type RunningServer, serve, type ServeOptions } from './node/node-server.ts'
export { type LogLevel } from './node/server-log.ts'
export { type TlsOptions } from './node/tls-files.ts'
