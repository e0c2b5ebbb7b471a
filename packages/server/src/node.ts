export { editKeys, type EditKeysOptions, readKeyStore } from './auth/key-file-edit.ts'
export { loadKeys, type LoadKeysOptions } from './auth/key-file.ts'
export { type RunningServer, serve, type ServeOptions } from './node/node-server.ts'
