export {
  type CreatedKey,
  type CreateKeyOptions,
  createKey,
  createPepper,
  type KeyStore,
  parseKeyStore,
  rotateKey,
  type StoredKey,
} from './auth/api-key.ts'
export { type Audit, type AuditEntry } from './audit/audit-entry.ts'
export { type Principal } from './auth/authorization.ts'
export { apiKeys, type ApiKeys, type ApiKeysOptions } from './auth/key-ring.ts'
export { createToken, type CreatedToken, type CreateTokenOptions, type TokenOptions } from './auth/token.ts'
export { type Scope, scopeOperations, type ScopeOperation, scopeResources, type ScopeResource } from './auth/scopes.ts'
export { type CorsOptions } from './exchange/cors.ts'
export { type HandlerOptions } from './gateway.ts'
export { createHandler } from './handler.ts'
export { defaultLimits, type Limits } from './call/limits.ts'
export { type Log, type LogEntry } from './log.ts'
export { openApiDocument } from './routes/openapi.ts'
