import type { Membership } from './membership.ts'

/**
 * Topics that were read and are not there any more, as far as the server has said. They are read again when they are
 * made anew.
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

  /** The topic is not there, or is another one by now. What has become of it the group knows, or the server. */
  miss(topic: string): void {
    this.#names.add(topic)
    void this.#membership.heartbeat()
  }

  /** The topic is there, and as it was. */
  found(topic: string): void {
    if (this.#names.size > 0) this.#names.delete(topic)
  }
}
