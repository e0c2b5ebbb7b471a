import { createHmac, createSecretKey } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { InvalidRequestError, type Runtime, systemRuntime } from '@kafkado/core'
import { SingleFlight } from '@kafkado/core/internal'
import { unreadableFile } from '@kafkado/core/internal/node'
import { type Log, silentLog } from '../log.ts'
import type { Audit } from '../audit/audit-entry.ts'
import { parseKeyStore, pepperBytes, type StoredKey } from './api-key.ts'
import type { Principal } from './authorization.ts'
import { changesOfKeys } from './key-changes.ts'
import { type ApiKeys, KeyRing } from './key-ring.ts'
import { type CreatedToken, type Issuer, issuerOf, type TokenOptions } from './token.ts'

export interface LoadKeysOptions {
  /**
   * The pepper. Default: the one in the file. Set it to keep the pepper apart from the file, for example in a secret
   * store: then nobody can check guesses with the file alone.
   */
  pepper?: string | undefined
  /**
   * Learns when a changed file cannot be used. Default: nobody. Set it in production: until the file is mended, revoked
   * keys stay valid.
   */
  log?: Log | undefined
  /** Learns which keys come, go and change with the file. Default: nobody; `serve` passes its own on. */
  audit?: Audit | undefined
  /** Clock, for tests. */
  runtime?: Runtime | undefined
}

/**
 * How old the last check of the file may be when a key is used. A revocation takes effect within this time, in
 * milliseconds.
 */
const lookIntervalMs = 1000

/**
 * Reads API keys from a JSON file, and again when it has changed. A key used more than a second after the last check
 * has the file checked first, so there is no timer and nothing to close. A changed file that cannot be used is reported
 * to the log, and the keys read before stay valid.
 *
 *     { "version": 1,
 *       "pepper": "<createPepper()>",
 *       "keys": [{ "id": "5f0c…", "name": "orders service", "hashes": ["…"], "expiresAt": "2027-01-31T00:00:00Z",
 *                  "scopes": [{ "operation": "write", "resource": "topic", "name": "orders",
 *                              "pattern": "literal" }] }] }
 *
 * @throws InvalidRequestError when the file cannot be read or is not of this form
 */
export async function loadKeys(path: string, options: LoadKeysOptions = {}): Promise<ApiKeys> {
  const file = new KeyFile(path, options)
  await file.read()
  return file
}

class KeyFile implements ApiKeys {
  readonly #path: string
  readonly #pepper: string | undefined
  readonly #log: Log
  readonly #audit: Audit | undefined
  #keys: readonly StoredKey[] | undefined
  readonly #runtime: Runtime
  /** The same for all versions of the file, so that tokens outlive a change of it. */
  readonly #issuer: Issuer
  #ring: KeyRing | undefined
  #version = ''
  #lookedAtMs = Number.NEGATIVE_INFINITY
  readonly #look = new SingleFlight()

  constructor(path: string, options: LoadKeysOptions) {
    this.#path = path
    this.#pepper = options.pepper
    this.#log = options.log ?? silentLog
    this.#audit = options.audit
    this.#runtime = options.runtime ?? systemRuntime
    this.#issuer = issuerOf(this.#runtime)
  }

  async authenticate(secret: string): Promise<Principal> {
    return (await this.#current()).authenticate(secret)
  }

  async issueToken(principal: Principal, options: TokenOptions): Promise<CreatedToken> {
    return (await this.#current()).issueToken(principal, options)
  }

  async #current(): Promise<KeyRing> {
    if (this.#runtime.clock.monotonic() - this.#lookedAtMs > lookIntervalMs)
      void this.#look.join(() => this.#readIfChanged())
    await this.#look.present
    return this.#ring as KeyRing
  }

  /** @throws InvalidRequestError */
  async read(): Promise<void> {
    this.#lookedAtMs = this.#runtime.clock.monotonic()
    const version = await this.#versionOnDisk()
    if (version === this.#version) return
    // Set even when the content is refused, so that a broken file is reported once.
    this.#version = version
    const store = parseKeyStore(await this.#json())
    const pepper = this.#pepper ?? store.pepper
    if (pepper === undefined) throw new InvalidRequestError(`${this.#path} has no pepper, and none was given`)
    // A key object, because preparing raw bytes for every hash takes four times as long.
    const hashKey = createSecretKey(pepperBytes(pepper))
    this.#ring = new KeyRing(
      store.keys,
      (secret) => createHmac('sha256', hashKey).update(secret).digest(),
      this.#issuer,
    )
    this.#tellChanges(store.keys)
  }

  #tellChanges(keys: readonly StoredKey[]): void {
    const time = new Date(this.#runtime.clock.now()).toISOString()
    for (const change of this.#keys && this.#audit ? changesOfKeys(this.#keys, keys) : [])
      this.#audit?.({ time, requestId: null, keyId: null, address: null, ...change, outcome: 'done' })
    this.#keys = keys
  }

  async #readIfChanged(): Promise<void> {
    try {
      await this.read()
    } catch (error) {
      this.#log({
        level: 'error',
        message: `the changed key file ${this.#path} cannot be used; the keys read before stay`,
        error,
      })
    }
  }

  async #versionOnDisk(): Promise<string> {
    try {
      const { mtimeNs, ctimeNs, size, ino } = await stat(this.#path, { bigint: true })
      return `${mtimeNs} ${ctimeNs} ${size} ${ino}`
    } catch (cause) {
      throw this.#unreadable(cause)
    }
  }

  async #json(): Promise<unknown> {
    const text = await readFile(this.#path, 'utf8').catch((cause: unknown) => Promise.reject(this.#unreadable(cause)))
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw new InvalidRequestError(`the key file ${this.#path} is not JSON`, { cause })
    }
  }

  #unreadable(cause: unknown): InvalidRequestError {
    return unreadableFile(`the key file ${this.#path}`, cause)
  }
}
