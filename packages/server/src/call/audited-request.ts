import { KafkaError } from '@kafkado/core'
import type { AuditEvent, AuditTrail } from '../audit/audit-trail.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { Refusal } from '../exchange/refusal.ts'
import { statusOfError } from '../exchange/status-of-error.ts'
import { isAdministrative, isReset, outcomeOf, resourcesIn } from './administrative-act.ts'
import type { Call } from './call.ts'

/** The statuses of requests that somebody had no right to, or of which there were too many or too much. */
const refusals: ReadonlySet<number> = new Set([401, 403, 413, 421, 429, 431])

/** One request, as the audit log tells of it: a refusal, an administrative act, or, mostly, not at all. */
export class AuditedRequest {
  /** Set once the request is admitted, and its sender known. */
  call: Call | undefined
  readonly #trail: AuditTrail | undefined
  readonly #exchange: Exchange
  readonly #identify: () => string

  constructor(trail: AuditTrail | undefined, exchange: Exchange, identify: () => string) {
    this.#trail = trail
    this.#exchange = exchange
    this.#identify = identify
  }

  answered(): void {
    const asked = this.call?.asked
    if (!this.#trail || !asked) return
    const { operation, request, response } = asked
    if (operation === 'createToken') this.#add('done', undefined, false)
    else if (isAdministrative(operation, request)) {
      const { outcome, code } = outcomeOf(response)
      // Consumers without a group commit in the same form, every few seconds.
      this.#add(outcome, code, outcome === 'failed' || isReset(operation, request))
    }
  }

  failed(error: unknown): void {
    if (!this.#trail) return
    const refusal = error instanceof Refusal ? error : undefined
    const known = refusal?.error ?? (KafkaError.is(error) ? error : undefined)
    const status = refusal?.status ?? (known ? statusOfError(known) : 500)
    if (refusals.has(status)) this.#add('refused', known?.code, true)
    else if (this.#isAdministrative()) this.#add('failed', known?.code ?? 'UNKNOWN_SERVER_ERROR', true)
  }

  #isAdministrative(): boolean {
    const asked = this.call?.asked
    if (!asked) return false
    return asked.operation === 'createToken' || isAdministrative(asked.operation, asked.request)
  }

  #add(outcome: AuditEvent['outcome'], code: string | undefined, isLimited: boolean): void {
    const { principal, asked } = this.call ?? {}
    const { path, address = null } = this.#exchange
    const isToken = asked?.operation === 'createToken'
    const event: AuditEvent = {
      requestId: this.#identify(),
      keyId: principal?.keyId || null,
      ...(principal?.tokenId === undefined ? {} : { tokenId: principal.tokenId }),
      address,
      operation: isToken ? 'createToken' : (asked?.operation.name ?? path.slice(0, longestPath)),
      resources: asked ? resourcesOf(asked) : [],
      outcome,
      ...(code === undefined ? {} : { code }),
    }
    this.#trail?.add(event, isLimited)
  }
}

const longestPath = 100

function resourcesOf({ operation, request }: NonNullable<Call['asked']>): string[] {
  return operation === 'createToken' ? (request as string[]) : resourcesIn(operation, request)
}
