import { KafkaError, type SendOptions } from '@kafkado/core'
import { untilAnswered, watchPage } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import { leaveForMembers, rememberMember, type TabMember } from './tab-members.ts'

interface PageMemberParts {
  readonly member: TabMember
  readonly settings: Pick<ConsumerSettings, 'runtime' | 'sessionTimeoutMs'>
  /** Tells the group that a member leaves. */
  readonly leave: (member: TabMember, options: SendOptions) => Promise<unknown>
  /** The page goes away: send nothing more to the group. */
  readonly onHide: () => void
  /** A hidden page is shown again. */
  readonly onShow: () => void
}

/**
 * Looks after a page's member of a group, so that nobody waits a whole session for its partitions. The member leaves
 * when the page goes away. Members of a crashed page leave when the tab comes back. Outside of pages it does nothing.
 */
export class PageMember {
  readonly #parts: PageMemberParts
  readonly #ended = new AbortController()
  #forget = (): void => undefined

  constructor(parts: PageMemberParts) {
    this.#parts = parts
  }

  /** @returns a promise to wait for before the member joins, if any */
  start(): Promise<unknown> | undefined {
    const { member, onShow } = this.#parts
    let shown = new AbortController()
    watchPage(
      this.#ended.signal,
      () => this.#hide(shown.signal),
      () => {
        // Retrying the request to leave would end the membership that begins now.
        shown.abort(new Error('the page is shown again'))
        shown = new AbortController()
        onShow()
      },
    )
    const left = leaveForMembers(member.group, (former) => this.#leaveFor(former))
    this.#forget = rememberMember(member)
    return left
  }

  /** The member leaves by itself from now on. */
  end(): void {
    this.#ended.abort(new Error('the consumer is leaving'))
  }

  /** The member has left. */
  forget(): void {
    this.#forget()
  }

  #hide(signal: AbortSignal): void {
    const { member, leave, onHide } = this.#parts
    onHide()
    // If this request fails, the group notices the loss, or the next page in this tab reports it.
    leave(member, { keepalive: true, signal }).catch(() => undefined)
  }

  /** Retries until the group has answered, whatever the answer: a member that the group does not know has left. */
  async #leaveFor(former: TabMember): Promise<void> {
    const { settings, leave } = this.#parts
    const limits = { runtime: settings.runtime, timeoutMs: settings.sessionTimeoutMs, signal: this.#ended.signal }
    const what = `group '${former.group}': a member of the previous page`
    try {
      await untilAnswered(what, limits, (attempt) => leave(former, attempt))
    } catch (error) {
      if (!KafkaError.is(error) || error.retriable) throw error
    }
  }
}
