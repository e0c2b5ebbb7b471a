import { type Runtime, systemRuntime, UnauthorizedError } from '@kafkado/core'
import { decodeBase64Url } from '@kafkado/core/internal'
import { parseKeyStore, pepperBytes, type StoredKey } from './api-key.ts'
import type { Principal } from './authorization.ts'
import { equalInConstantTime, hashWithWebCrypto, type SecretHash } from './secret-hash.ts'
import { withDenialsOf, firstBeyond } from './subset.ts'
import {
  type CreatedToken,
  exceeds,
  isAlive,
  issueToken,
  type Issuer,
  issuerOf,
  looksLikeToken,
  type TokenClaims,
  tokenHash,
  type TokenOptions,
  verifyToken,
} from './token.ts'

/** The API keys that a server accepts. */
export interface ApiKeys {
  /**
   * Finds the sender of a key or token.
   *
   * @throws UnauthorizedError when it is unknown, wrong or expired
   */
  authenticate(secret: string): Promise<Principal>
  /**
   * Issues a token for the sender of a key. Default: without it, the server issues none.
   *
   * @throws UnauthorizedError when the sender has no such scope, or has a token itself
   */
  issueToken?(principal: Principal, options: TokenOptions): Promise<CreatedToken>
}

export interface ApiKeysOptions {
  /** The pepper that `createKey` got when it made the keys. */
  pepper: string
  keys: readonly StoredKey[]
  /** Clock, for tests. */
  runtime?: Runtime
}

/**
 * Makes a fixed set of keys, for runtimes without files. In Node, `loadKeys` reads them from a file and follows its
 * changes.
 *
 * @throws InvalidRequestError when a key or the pepper is not valid
 */
export function apiKeys(options: ApiKeysOptions): ApiKeys {
  const { keys } = parseKeyStore({ version: 1, keys: options.keys })
  return new KeyRing(keys, hashWithWebCrypto(pepperBytes(options.pepper)), issuerOf(options.runtime ?? systemRuntime))
}

const noHash = new Uint8Array(32)
const format = /^kdo_([A-Za-z0-9]{4,32})_[A-Za-z0-9_-]{43}$/

const mostRecognised = 10_000

interface LiveKey {
  readonly stored: StoredKey
  readonly hashes: readonly Uint8Array[]
  readonly expiresAtMs: number
  readonly principal: Principal
}

interface LiveToken {
  readonly claims: TokenClaims
  readonly key: LiveKey
  readonly principal: Principal
}

/** Finds keys by id and compares secrets; checks the signatures of tokens. */
export class KeyRing implements ApiKeys {
  readonly #keys: Map<string, LiveKey>
  /** Secrets known to be right, so that each is hashed once rather than with every request. */
  readonly #recognised = new Map<string, LiveKey>()
  /** The same for tokens, of which a key may have any number. */
  readonly #recognisedTokens = new Map<string, LiveToken>()
  readonly #hash: SecretHash
  readonly #tokenHash: SecretHash
  readonly #runtime: Runtime
  readonly #issuer: Issuer

  constructor(keys: readonly StoredKey[], hash: SecretHash, issuer: Issuer) {
    this.#hash = hash
    this.#tokenHash = tokenHash(hash)
    this.#runtime = issuer.runtime
    this.#issuer = issuer
    this.#keys = new Map(keys.map((stored) => [stored.id, liveKeyOf(stored)]))
  }

  async authenticate(secret: string): Promise<Principal> {
    if (looksLikeToken(secret)) return this.#authenticateToken(secret)
    const key = this.#recognised.get(secret) ?? (await this.#recognise(secret))
    this.#requireUnexpired(key)
    return key.principal
  }

  async issueToken({ keyId, tokenId }: Principal, options: TokenOptions): Promise<CreatedToken> {
    if (tokenId !== undefined)
      throw new UnauthorizedError('a token issues no further tokens; ask with the API key', {
        kafkaName: 'CLUSTER_AUTHORIZATION_FAILED',
      })
    const key = this.#keys.get(keyId)
    if (!key) throw unauthorized(`the API key '${keyId}' was revoked`)
    return issueToken(this.#tokenHash, key.stored, options, this.#runtime, this.#issuer)
  }

  async #authenticateToken(token: string): Promise<Principal> {
    const { claims, key, principal } = this.#recognisedTokens.get(token) ?? (await this.#recogniseToken(token))
    this.#requireUnexpired(key)
    if (!isAlive(claims, this.#issuer)) throw unauthorized(`the token '${claims.id}' has expired; ask for a new one`)
    return principal
  }

  async #recogniseToken(token: string): Promise<LiveToken> {
    const claims = await verifyToken(this.#tokenHash, token)
    if (!claims) throw unauthorized('the token is malformed, or was not issued for this server')
    const key = this.#keys.get(claims.keyId)
    if (!key) throw unauthorized(`the API key '${claims.keyId}' of the token was revoked`)
    // The scopes of the key may be fewer than when it issued the token.
    const beyond = firstBeyond(claims.scopes, key.stored.scopes)
    if (beyond) throw exceeds(claims.keyId, beyond)
    const scopes = withDenialsOf(claims.scopes, key.stored.scopes)
    const live = { claims, key, principal: { keyId: claims.keyId, tokenId: claims.id, scopes } }
    if (this.#recognisedTokens.size === mostRecognised) this.#recognisedTokens.clear()
    this.#recognisedTokens.set(token, live)
    return live
  }

  #requireUnexpired({ stored, expiresAtMs }: LiveKey): void {
    if (this.#runtime.clock.now() < expiresAtMs) return
    throw unauthorized(`the API key '${stored.id}' expired at ${stored.expiresAt}`)
  }

  async #recognise(secret: string): Promise<LiveKey> {
    const id = format.exec(secret)?.[1]
    if (id === undefined) throw unauthorized('the API key is malformed: it looks like kdo_<id>_<secret>')
    const key = this.#keys.get(id)
    // An unknown id takes as long as a wrong secret, so that response times reveal no ids.
    const found = await this.#hash(secret)
    let matches = false
    for (const hash of key?.hashes ?? [noHash]) matches = equalInConstantTime(hash, found) || matches
    if (!key || !matches) throw unauthorized('the API key is not known here, or its secret is wrong')
    // Only right secrets get here, at most two per key; the limit matters for a file with very many keys.
    if (this.#recognised.size === mostRecognised) this.#recognised.clear()
    this.#recognised.set(secret, key)
    return key
  }
}

function liveKeyOf(stored: StoredKey): LiveKey {
  return {
    stored,
    hashes: stored.hashes.map((text) => decodeBase64Url(text) ?? noHash),
    expiresAtMs: stored.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(stored.expiresAt),
    principal: { keyId: stored.id, scopes: stored.scopes },
  }
}

/** The sender is unknown; a known sender without the right is another error. */
export function unauthorized(detail: string): UnauthorizedError {
  return new UnauthorizedError(detail, { kafkaName: 'SASL_AUTHENTICATION_FAILED' })
}
