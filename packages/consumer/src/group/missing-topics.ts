import type { Membership } from './membership.ts'

/**
 * Topics that were read and no longer exist, according to the server. The consumer reads them again when they are
 * recreated.
 */
export class MissingTopics {
  readonly #membership: Membership
  readonly #names = new Set<string>()

  constructor(membership: Membership) {
    this.#membership = membership
  }

  get names(): readonly string[] {
    return [...this.#names]
  }

  /** The topic is missing, or was recreated. The group or the server knows which. */
  miss(topic: string): void {
    this.#names.add(topic)
    void this.#membership.heartbeat()
  }

  /** The topic exists, unchanged. */
  found(topic: string): void {
    if (this.#names.size > 0) this.#names.delete(topic)
  }
}
