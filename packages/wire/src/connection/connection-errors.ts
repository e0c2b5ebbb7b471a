import { codeOf, DisconnectedError, KafkaError, TimeoutError, UnauthorizedError } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { type BrokerAddress, showAddress } from '../settings/broker-address.ts'
import type { AnyApiVersion } from '@kafkado/messages'
import { MalformedMessage } from '@kafkado/messages'
import type { WireSettings } from '../settings/wire-options.ts'
import type { LowLevel } from './low-level.ts'

/** Errors without any hint at the listener's security. */
const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
const missingSecurity = ' (does this listener want TLS or SASL? Then set the options tls and sasl)'
const tooOld = 'kafkado needs Apache Kafka 4.0 or later'

/** Errors about one broker, in words for people. */
export class ConnectionErrors {
  readonly #lowLevel: LowLevel
  readonly #settings: WireSettings
  readonly #where: string

  constructor(lowLevel: LowLevel, address: BrokerAddress, settings: WireSettings) {
    this.#lowLevel = lowLevel
    this.#settings = settings
    this.#where = showAddress(address)
  }

  /** Why no connection could be made. No request was sent, so nothing was changed. */
  ofOpening(error: unknown): KafkaError {
    if (KafkaError.is(error)) return error
    const chain = causes(error)
    const deepest = chain.at(-1) as DeepestError | undefined
    if (chain.some((cause) => cause instanceof this.#lowLevel.AuthenticationError)) {
      const { mechanism } = this.#settings.sasl ?? {}
      const reason = deepest?.serverErrorMessage ?? deepest?.message ?? ''
      const message = `the broker ${this.#where} does not accept the ${mechanism} credentials: ${reason}`
      return new UnauthorizedError(message, { kafkaName: 'SASL_AUTHENTICATION_FAILED', cause: error })
    }
    const { code, message = String(error) } = deepest ?? {}
    if (code !== undefined && unreachable.has(code)) return this.disconnected(code, 'failed', error)
    const hint = this.#settings.tls ? '' : missingSecurity
    const isNamed = code === undefined || message.includes(code)
    return this.disconnected(`${message}${isNamed ? '' : ` (${code})`}${hint}`, 'failed', error)
  }

  /**
   * Why a sent request has no answer.
   *
   * @param isProven whether the broker has answered any request before
   */
  ofRequest({ name }: AnyApiVersion, error: unknown, isProven: boolean): KafkaError {
    if (KafkaError.is(error)) return error
    const { message } = error as Error
    if (error instanceof MalformedMessage) {
      const detail = `the broker ${this.#where} answered ${name} with something that cannot be read: ${message}`
      return new KafkaError(detail, { code: 'INVALID_RESPONSE', outcome: 'unknown', cause: error })
    }
    if (error instanceof this.#lowLevel.TimeoutError)
      return new TimeoutError(`the broker ${this.#where} did not answer ${name} in time`, { cause: error })
    const hint = isProven || this.#settings.sasl ? '' : missingSecurity
    return this.disconnected(`${message}${hint}`, 'unknown', error)
  }

  unsupported(
    { name, version }: AnyApiVersion,
    known: { minVersion: number; maxVersion: number } | undefined,
  ): KafkaError {
    const has = known ? `it has versions ${known.minVersion} to ${known.maxVersion}` : 'it does not have it'
    const detail = `the broker ${this.#where} cannot do ${name} in version ${version} (${has}); ${tooOld}`
    return errorOfCode('UNSUPPORTED_VERSION', { detail })
  }

  missingFeature(name: string, level: number, has: number, what: string): KafkaError {
    const mend = `kafka-features.sh upgrade --feature ${name}=${level}`
    const detail = `${what} need ${name} ${level}, and the cluster of ${this.#where} has ${has}: ${mend}`
    return errorOfCode('UNSUPPORTED_VERSION', { detail })
  }

  /** The broker refuses even ApiVersions. */
  ofVersions(errorCode: number): KafkaError {
    const detail = `the broker ${this.#where} does not list its APIs`
    return errorOfCode(errorCode, {
      detail: errorCode === codeOf('UNSUPPORTED_VERSION') ? `${detail}; ${tooOld}` : detail,
    })
  }

  disconnected(reason: string, outcome: 'failed' | 'unknown', cause?: unknown): DisconnectedError {
    const verb = outcome === 'failed' ? 'cannot reach' : 'lost the connection to'
    return new DisconnectedError(`${verb} the broker ${this.#where}: ${reason}`, { outcome, cause })
  }
}

type DeepestError = Error & { code?: string; serverErrorMessage?: string | null }

/** An error and its causes, outermost first. */
function causes(error: unknown): Error[] {
  const chain: Error[] = []
  for (let next = error; next instanceof Error && chain.length < 10;) {
    chain.push(next)
    const { errors } = next as { errors?: unknown[] }
    next = next.cause ?? errors?.[0]
  }
  return chain
}
