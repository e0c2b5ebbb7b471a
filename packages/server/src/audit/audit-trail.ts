import type { Runtime } from '@kafkado/core'
import { shortened } from '@kafkado/core/internal'
import type { Audit, AuditEntry } from './audit-entry.ts'

/** How many entries may come at once, and how many more a second. */
interface Rate {
  readonly burst: number
  readonly perSecond: number
}

const ofAll: Rate = { burst: 200, perSecond: 20 }
const ofOneSource: Rate = { burst: 20, perSecond: 1 }
const mostSources = 1000
const mostResources = 10
/** The longest name of a topic. */
const longestName = 249

/** What an entry is made of. */
export type AuditEvent = Omit<AuditEntry, 'time' | 'resourcesLeftOut' | 'suppressed'>

/**
 * Writes the audit log. Anybody can cause refusals, so they are limited: for each key or address, so that one cannot
 * hide the others, and in all, so that they cannot fill a disk. The next entry tells how many are missing.
 */
export class AuditTrail {
  readonly #audit: Audit
  readonly #runtime: Runtime
  readonly #all: Bucket
  /** From the longest unused on. */
  readonly #sources = new Map<string, Bucket>()
  #suppressed = 0

  constructor(audit: Audit, runtime: Runtime) {
    this.#audit = audit
    this.#runtime = runtime
    this.#all = new Bucket(ofAll)
  }

  /** @param isLimited false for what cost the sender a right and the server a write, such as a deleted topic */
  add(event: AuditEvent, isLimited: boolean): void {
    if (isLimited && !this.#admit(event)) {
      this.#suppressed++
      return
    }
    const resources = [...new Set(event.resources)]
    const leftOut = resources.length - mostResources
    const suppressed = this.#suppressed
    this.#suppressed = 0
    this.#audit({
      time: new Date(this.#runtime.clock.now()).toISOString(),
      ...event,
      operation: harmless(event.operation),
      resources: resources.slice(0, mostResources).map((name) => shortened(harmless(name), longestName)),
      ...(leftOut > 0 ? { resourcesLeftOut: leftOut } : {}),
      ...(suppressed > 0 ? { suppressed } : {}),
    })
  }

  #admit({ keyId, address }: AuditEvent): boolean {
    const nowMs = this.#runtime.clock.monotonic()
    const source = keyId ?? address ?? ''
    const bucket = this.#sources.get(source) ?? new Bucket(ofOneSource)
    this.#sources.delete(source)
    if (this.#sources.size >= mostSources) {
      const [oldest = ''] = this.#sources.keys()
      this.#sources.delete(oldest)
    }
    this.#sources.set(source, bucket)
    return bucket.take(nowMs) && this.#all.take(nowMs)
  }
}

/** A client may have put its key where a path or a name should be. */
function harmless(text: string): string {
  return text.replaceAll(/kd[ot]_[\w.-]*/g, '(an API key)')
}

class Bucket {
  readonly #rate: Rate
  #tokens: number
  #atMs = Number.NEGATIVE_INFINITY

  constructor(rate: Rate) {
    this.#rate = rate
    this.#tokens = rate.burst
  }

  take(nowMs: number): boolean {
    const { burst, perSecond } = this.#rate
    const earned = ((nowMs - this.#atMs) / 1000) * perSecond
    this.#tokens = Math.min(burst, this.#tokens + earned)
    this.#atMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
