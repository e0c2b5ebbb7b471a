import { type Runtime, systemRuntime, UnauthorizedError } from '@kafkado/core'
import { decodeBase64Url } from '@kafkado/core/internal'
import { parseKeyStore, pepperBytes, type StoredKey } from './api-key.ts'
import type { Principal } from './authorization.ts'
import { hashWithWebCrypto, type SecretHash } from './secret-hash.ts'

/** The API keys that a server accepts. */
export interface ApiKeys {
  /**
   * Finds the sender of a key.
   *
   * @throws UnauthorizedError when the key is unknown, wrong or expired
   */
  authenticate(secret: string): Promise<Principal>
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
  return new KeyRing(keys, hashWithWebCrypto(pepperBytes(options.pepper)), options.runtime ?? systemRuntime)
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

/** Finds keys by id and compares secrets. */
export class KeyRing implements ApiKeys {
  readonly #keys: Map<string, LiveKey>
  /** Secrets known to be right, so that each is hashed once rather than with every request. */
  readonly #recognised = new Map<string, LiveKey>()
  readonly #hash: SecretHash
  readonly #runtime: Runtime

  constructor(keys: readonly StoredKey[], hash: SecretHash, runtime: Runtime) {
    this.#hash = hash
    this.#runtime = runtime
    this.#keys = new Map(keys.map((stored) => [stored.id, liveKeyOf(stored)]))
  }

  async authenticate(secret: string): Promise<Principal> {
    const key = this.#recognised.get(secret) ?? (await this.#recognise(secret))
    if (this.#runtime.clock.now() < key.expiresAtMs) return key.principal
    throw unauthorized(`the API key '${key.stored.id}' expired at ${key.stored.expiresAt}`)
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

function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length
  for (let index = 0; index < right.length; index++) difference |= (left[index] ?? 0) ^ (right[index] as number)
  return difference === 0
}
