import { readFile } from 'node:fs/promises'
import type { Server as TlsServer } from 'node:https'
import { type Clock, InvalidRequestError, type Timer } from '@kafkado/core'
import { type ConfigFields, parseConfig, required, SingleFlight, textField } from '@kafkado/core/internal'
import { createSecureContext } from 'node:tls'
import type { Log } from '../log.ts'

export interface TlsOptions {
  /**
   * The file of the server's certificate in PEM form, followed by those of its intermediate authorities. Renew it in
   * place: the server looks for changes every 5 s, and open connections stay as they are. Kafka: ssl.keystore.location.
   */
  cert: string
  /** The file of the certificate's private key, in PEM form. Kafka: ssl.keystore.key. */
  key: string
  /**
   * The file of the authorities that sign the certificates of clients, in PEM form. Default: clients need none. With
   * it, a client without such a certificate gets no connection; API keys are checked all the same. Browsers ask their
   * users for one. Kafka: ssl.truststore.location, with ssl.client.auth=required.
   */
  clientCa?: string | undefined
}

const fields: ConfigFields<TlsOptions> = {
  cert: required(textField()),
  key: required(textField()),
  clientCa: textField(),
}

const lookIntervalMs = 5000

/** What node:tls takes. */
export interface TlsContents {
  readonly cert: string
  readonly key: string
  readonly ca: string | undefined
  readonly minVersion: 'TLSv1.2'
}

/** The certificates of a server, which may be renewed while it runs. */
export class TlsFiles {
  readonly #options: TlsOptions
  #contents: TlsContents
  /** Refused contents are reported once. */
  #refused: string | undefined
  #timer: Timer | undefined
  #isClosed = false
  readonly #look = new SingleFlight()

  private constructor(options: TlsOptions, contents: TlsContents) {
    this.#options = options
    this.#contents = contents
  }

  /** @throws InvalidRequestError when a file cannot be read, or they do not fit together */
  static async open(given: TlsOptions): Promise<TlsFiles> {
    const options = parseConfig('tls', fields, given)
    const contents = await read(options)
    check(options, contents)
    return new TlsFiles(options, contents)
  }

  /** What a server of node:https is made with. */
  get serverOptions(): TlsContents & { requestCert: boolean; rejectUnauthorized: boolean; handshakeTimeout: number } {
    const requiresOne = this.#options.clientCa !== undefined
    return { ...this.#contents, requestCert: requiresOne, rejectUnauthorized: requiresOne, handshakeTimeout: 10_000 }
  }

  /** Gives renewed certificates to the server. Faulty ones are reported, and the last sound ones stay. */
  follow(server: TlsServer, clock: Clock, log: Log): void {
    const lookAgain = (): void => {
      if (this.#isClosed) return
      this.#timer = clock.schedule(
        lookIntervalMs,
        () => void this.#look.join(() => this.#renew(server, log)).then(lookAgain),
        'background',
      )
    }
    lookAgain()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  async #renew(server: TlsServer, log: Log): Promise<void> {
    try {
      const contents = await read(this.#options)
      if (this.#isClosed || isSame(contents, this.#contents)) return
      check(this.#options, contents)
      server.setSecureContext(contents)
      this.#contents = contents
      this.#refused = undefined
      log({ level: 'info', message: `the certificate ${this.#options.cert} was renewed` })
    } catch (error) {
      // One file may be renewed before the other.
      const message = error instanceof Error ? error.message : String(error)
      if (this.#refused === message) return
      this.#refused = message
      log({ level: 'error', message: `${message}; the certificate read before stays` })
    }
  }
}

async function read({ cert, key, clientCa }: TlsOptions): Promise<TlsContents> {
  const [certText, keyText, ca] = await Promise.all([
    text(cert, 'certificate'),
    text(key, 'key'),
    clientCa === undefined ? undefined : text(clientCa, 'certificates of authorities for clients'),
  ])
  return { cert: certText, key: keyText, ca, minVersion: 'TLSv1.2' }
}

function text(file: string, what: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new InvalidRequestError(`the TLS ${what} ${file} cannot be read: ${code}`, { cause })
  })
}

function check({ cert, key }: TlsOptions, contents: TlsContents): void {
  try {
    createSecureContext(contents)
  } catch (cause) {
    // Its message names the fault and quotes nothing of the files.
    const why = (cause as Error).message
    throw new InvalidRequestError(`the TLS certificate ${cert} and the key ${key} cannot be used together: ${why}`, {
      cause,
    })
  }
}

function isSame(one: TlsContents, other: TlsContents): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca
}
