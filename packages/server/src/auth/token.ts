import { type Duration, InvalidRequestError, type Runtime, systemRuntime, UnauthorizedError } from '@kafkado/core'
import { decodeBase64Url, encodeBase64Url, toMilliseconds } from '@kafkado/core/internal'
import * as z from 'zod/mini'
import { pepperBytes, randomId, scopeSchema, type StoredKey } from './api-key.ts'
import { describeIssues } from './describe-issues.ts'
import type { Scope } from './scopes.ts'
import { equalInConstantTime, hashWithWebCrypto, type SecretHash } from './secret-hash.ts'
import { describeScope, firstBeyond } from './subset.ts'

/** A token can be in the hands of anybody who sees a page. It cannot be revoked alone, so it is short-lived. */
const longestTokenLifetimeMs = 15 * 60_000
/** Clocks of servers with the same keys may differ this much. */
const toleranceMs = 60_000
/** A token is a header, and headers have a limit. */
const longestToken = 8 * 1024

const tokenFormat = /^kdt_([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/

/** What a token says. */
export interface TokenClaims {
  readonly version: 1
  readonly id: string
  readonly keyId: string
  readonly scopes: readonly Scope[]
  readonly expiresAtMs: number
  /** The process that issued it, and until when it is valid by the monotonic clock of that process. */
  readonly issuer?: { readonly id: string; readonly untilMs: number } | undefined
}

/** The monotonic clock of one process. With it, the process knows the age of its own tokens though its time is set. */
export interface Issuer {
  readonly id: string
  readonly runtime: Runtime
}

export function issuerOf(runtime: Runtime): Issuer {
  return { id: randomId(), runtime }
}

export interface TokenOptions {
  /**
   * What the token may do: scopes of its key or parts of them, such as one topic of a prefix. The denials of the key
   * hold too. Default: everything that the key may do.
   */
  scopes?: readonly Scope[] | undefined
  /**
   * How long the token is valid, at most 15 minutes, and not longer than its key. Default 5 minutes. Lower it where
   * tokens leak easily; raise it to ask for new ones less often. A number is in milliseconds.
   */
  lifetime?: Duration | undefined
}

export interface CreateTokenOptions extends TokenOptions {
  /** The pepper of the server that will accept the token. */
  pepper: string
  /** The key that the token stands for. When it is revoked or expires, so does the token. */
  key: StoredKey
  /** Clock, for tests. */
  runtime?: Runtime | undefined
}

/** A new token. A client sends `token` where it would send a key. */
export interface CreatedToken {
  readonly token: string
  /** Names the token in the audit log. */
  readonly tokenId: string
  readonly keyId: string
  /** ISO 8601. */
  readonly expiresAt: string
}

/** @internal */
export const mostTokenScopes = 200
/** @internal */
export const tokenOptionsSchema = z.strictObject({
  scopes: z.optional(z.array(scopeSchema).check(z.maxLength(mostTokenScopes))),
  lifetime: z.optional(z.union([z.number(), z.string()])),
})

/** @throws InvalidRequestError naming the field that is wrong */
export function parseTokenOptions(value: unknown): TokenOptions {
  const result = tokenOptionsSchema.safeParse(value)
  if (result.success) return result.data as TokenOptions
  throw new InvalidRequestError(`the options of a token: ${describeIssues(result.error.issues)}`)
}

/**
 * Issues a short-lived token for a key, with the same scopes or fewer: for web pages and other places where a key would
 * not stay secret. A token issues no further tokens.
 *
 * @throws InvalidRequestError when an option is not valid
 * @throws UnauthorizedError when the key does not allow a scope, or has expired
 */
export function createToken(options: CreateTokenOptions): Promise<CreatedToken> {
  const { pepper, key, runtime = systemRuntime, ...given } = options
  return issueToken(tokenHash(hashWithWebCrypto(pepperBytes(pepper))), key, parseTokenOptions(given), runtime)
}

/** The hash that signs tokens: with a key of its own, made from the pepper, so that no hash of an API key signs one. */
export function tokenHash(hash: SecretHash): SecretHash {
  let made: Promise<SecretHash> | undefined
  return async (text) => {
    made ??= Promise.resolve(hash('kafkado tokens 1')).then((bytes) => hashWithWebCrypto(new Uint8Array(bytes)))
    return (await made)(text)
  }
}

/** @param issuer the process that will also check the token, if it will */
export async function issueToken(
  hash: SecretHash,
  key: StoredKey,
  { scopes = key.scopes, lifetime = '5m' }: TokenOptions,
  { clock }: Runtime,
  issuer?: Issuer,
): Promise<CreatedToken> {
  const lifetimeMs = toMilliseconds(lifetime, 'lifetime')
  if (lifetimeMs < 1 || lifetimeMs > longestTokenLifetimeMs)
    throw new InvalidRequestError(`lifetime must be from 1 ms to 15 minutes, got ${lifetimeMs} ms`)
  const beyond = firstBeyond(scopes, key.scopes)
  if (beyond) throw exceeds(key.id, beyond)
  const nowMs = clock.now()
  const keyExpiresAtMs = key.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(key.expiresAt)
  const expiresAtMs = Math.min(nowMs + lifetimeMs, keyExpiresAtMs)
  if (expiresAtMs <= nowMs) throw new UnauthorizedError(`the API key '${key.id}' expired at ${key.expiresAt}`)
  const claims: TokenClaims = {
    version: 1,
    id: randomId(),
    keyId: key.id,
    scopes,
    expiresAtMs,
    issuer: issuer && { id: issuer.id, untilMs: clock.monotonic() + expiresAtMs - nowMs },
  }
  const payload = encodeBase64Url(new TextEncoder().encode(JSON.stringify(claims)))
  const token = `kdt_${payload}.${encodeBase64Url(await hash(payload))}`
  if (token.length > longestToken)
    throw new InvalidRequestError(
      `the token has ${token.length} bytes, of at most ${longestToken}: give it fewer scopes, or prefixes`,
    )
  return { token, tokenId: claims.id, keyId: key.id, expiresAt: new Date(expiresAtMs).toISOString() }
}

/** Whether it is meant to be a token rather than a key. */
export function looksLikeToken(secret: string): boolean {
  return secret.startsWith('kdt_')
}

/** What a token says, if it was signed with this hash. */
export async function verifyToken(hash: SecretHash, token: string): Promise<TokenClaims | undefined> {
  const [, payload, signature] = (token.length <= longestToken && tokenFormat.exec(token)) || []
  if (payload === undefined || signature === undefined) return undefined
  const expected = await hash(payload)
  if (!equalInConstantTime(expected, decodeBase64Url(signature) ?? new Uint8Array(32))) return undefined
  // Signed, so this program wrote it: now or in another version.
  const claims = JSON.parse(new TextDecoder().decode(decodeBase64Url(payload))) as TokenClaims
  return claims.version === 1 ? claims : undefined
}

/**
 * Whether the token is still valid. Its own issuer counts by the monotonic clock, so that it lives as long as it was
 * meant to although the clock of the machine is set. Another server has only the time of day: if that was set back, the
 * token seems to live longer than any may, and is refused.
 */
export function isAlive({ expiresAtMs, issuer }: TokenClaims, { id, runtime: { clock } }: Issuer): boolean {
  if (issuer?.id === id) return clock.monotonic() < issuer.untilMs
  const leftMs = expiresAtMs - clock.now()
  return leftMs > 0 && leftMs <= longestTokenLifetimeMs + toleranceMs
}

export function exceeds(keyId: string, scope: Scope): UnauthorizedError {
  return new UnauthorizedError(
    `API key '${keyId}' has no scope for all of ${describeScope(scope)}, so a token has none`,
    {
      kafkaName: 'CLUSTER_AUTHORIZATION_FAILED',
    },
  )
}
