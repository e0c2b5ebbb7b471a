import { InvalidRequestError } from '@kafkado/core'
import { decodeBase64Url, encodeBase64Url } from '@kafkado/core/internal'
import * as z from 'zod/mini'
import { describeIssues } from './describe-issues.ts'
import { type Scope, scopeOperations, scopeResources } from './scopes.ts'
import { hashWithWebCrypto } from './secret-hash.ts'

/** An API key as the server keeps it: enough to recognise the secret, too little to make it. */
export interface StoredKey {
  /** The part between `kdo_` and the secret. Logs and errors name the key by it. */
  readonly id: string
  /** The purpose of the key, for people. Default: none. */
  readonly name?: string | undefined
  /** HMAC-SHA-256 of the whole key with the pepper, base64url. Two during a rotation. */
  readonly hashes: readonly string[]
  /**
   * The server refuses the key from then on. ISO 8601, such as `2027-01-31T00:00:00Z`. Default: the key does not
   * expire.
   */
  readonly expiresAt?: string | undefined
  readonly scopes: readonly Scope[]
}

/** The keys of a server, as its file holds them. */
export interface KeyStore {
  readonly version: 1
  /**
   * Mixed into every hash; base64url of at least 32 bytes. Leave it out when you keep it elsewhere and give it as an
   * option.
   */
  readonly pepper?: string | undefined
  readonly keys: readonly StoredKey[]
}

const text = z.string().check(z.minLength(1))
/** @internal */
export const scopeSchema = z.strictObject({
  effect: z.optional(z.enum(['allow', 'deny'])),
  operation: z.enum(scopeOperations),
  resource: z.enum(scopeResources),
  name: z.string(),
  pattern: z.enum(['literal', 'prefix']),
})
const storedKeySchema = z.strictObject({
  id: z.string().check(z.regex(/^[A-Za-z0-9]{4,32}$/)),
  name: z.optional(text),
  hashes: z.array(z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/))).check(z.minLength(1), z.maxLength(2)),
  expiresAt: z.optional(
    z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time in ISO 8601')),
  ),
  scopes: z.array(scopeSchema),
})
const keyStoreSchema = z.strictObject({
  version: z.literal(1),
  pepper: z.optional(text),
  keys: z.array(storedKeySchema),
})

/**
 * Checks keys read from outside.
 *
 * @throws InvalidRequestError naming the wrong field, or an id that occurs twice
 */
export function parseKeyStore(value: unknown): KeyStore {
  const result = keyStoreSchema.safeParse(value)
  if (!result.success) throw new InvalidRequestError(`API key configuration: ${describeIssues(result.error.issues)}`)
  const store = result.data
  const ids = new Set<string>()
  for (const { id } of store.keys) {
    if (ids.has(id)) throw new InvalidRequestError(`API key configuration: there are two keys with the id '${id}'`)
    ids.add(id)
  }
  return store
}

export interface CreateKeyOptions {
  /** The pepper of the server that will accept the key, made by {@link createPepper}. */
  pepper: string
  /**
   * What the key may do. Default: nothing but asking for the capabilities. Give each application the fewest scopes it
   * needs.
   */
  scopes?: readonly Scope[]
  /** The purpose of the key, for people. Default: none. */
  name?: string
  /**
   * The server refuses the key from then on. Default: it does not expire. Set it for keys that leave your hands, such
   * as those in web pages, and rotate them in time.
   */
  expiresAt?: Date
}

/** A new key. The client sends `secret`, which exists only here; the server keeps `key`. */
export interface CreatedKey {
  readonly secret: string
  readonly key: StoredKey
}

/**
 * Makes an API key, `kdo_<id>_<secret>`.
 *
 * @throws InvalidRequestError when a scope or the pepper is not valid
 */
export async function createKey(options: CreateKeyOptions): Promise<CreatedKey> {
  const id = randomId()
  const secret = secretOf(id)
  const { name, expiresAt, scopes = [] } = options
  const key: StoredKey = {
    id,
    ...(name === undefined ? {} : { name }),
    hashes: [await hashOf(options.pepper, secret)],
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
    scopes,
  }
  parseKeyStore({ version: 1, keys: [key] })
  return { secret, key }
}

/**
 * Gives a key a second secret. Both are accepted until you rotate again or remove the older hash, the last one.
 * Meanwhile clients can change over one by one.
 */
export async function rotateKey(key: StoredKey, pepper: string): Promise<CreatedKey> {
  const secret = secretOf(key.id)
  return { secret, key: { ...key, hashes: [await hashOf(pepper, secret), ...key.hashes.slice(0, 1)] } }
}

/** Makes 32 random bytes to mix into the hashes of a server's keys, as base64url. */
export function createPepper(): string {
  return encodeBase64Url(randomBytes(32))
}

/** @throws InvalidRequestError when the string is no base64url of at least 32 bytes */
export function pepperBytes(pepper: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64Url(pepper)
  if (bytes && bytes.length >= 32) return bytes
  throw new InvalidRequestError('the pepper must be base64url of at least 32 random bytes, as createPepper() makes it')
}

function secretOf(id: string): string {
  return `kdo_${id}_${encodeBase64Url(randomBytes(32))}`
}

async function hashOf(pepper: string, secret: string): Promise<string> {
  return encodeBase64Url(await hashWithWebCrypto(pepperBytes(pepper))(secret))
}

/** Eight random bytes in hexadecimal, to name a key or a token. */
export function randomId(): string {
  return Array.from(randomBytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * Secrets come from the platform's cryptographic source. The injected randomness can be seeded: with it, keys could be
 * guessed.
 */
function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}
