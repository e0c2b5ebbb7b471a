import { KafkaError, type SendOptions } from '@kafkado/core'
import { untilAnswered, watchPage } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import { leaveForMembers, rememberMember, type TabMember } from './tab-members.ts'

interface PageMemberParts {
  readonly member: TabMember
  readonly settings: Pick<ConsumerSettings, 'runtime' | 'sessionTimeoutMs'>
  /** Tells the group that a member goes. */
  readonly leave: (member: TabMember, options: SendOptions) => Promise<unknown>
  /** The page goes away: nothing is to be said to the group any more. */
  readonly onHide: () => void
  /** A page that went away is shown again. */
  readonly onShow: () => void
}

/**
 * What a page does for its member of a group, so that nobody waits a session long for its partitions: the member leaves
 * as the page goes, and what has crashed leaves when the tab comes back. Outside of pages it does nothing.
 */
export class PageMember {
  readonly #parts: PageMemberParts
  readonly #ended = new AbortController()
  #forget = (): void => undefined

  constructor(parts: PageMemberParts) {
    this.#parts = parts
  }

  /** @returns what to wait for before the member joins; undefined when there is nothing */
  start(): Promise<unknown> | undefined {
    const { member, onShow } = this.#parts
    let shown = new AbortController()
    watchPage(
      this.#ended.signal,
      () => this.#hide(shown.signal),
      () => {
        // A request to leave that is tried again would end what begins now.
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
    // What is still missing when it is gone the group notices, or the page that comes next in this tab.
    leave(member, { keepalive: true, signal }).catch(() => undefined)
  }

  /** Until the group has told, whatever it has: a member that it does not know has left. */
  async #leaveFor(former: TabMember): Promise<void> {
    const { settings, leave } = this.#parts
    const limits = { runtime: settings.runtime, timeoutMs: settings.sessionTimeoutMs, signal: this.#ended.signal }
    const what = `group '${former.group}': a member of the page before`
    try {
      await untilAnswered(what, limits, (attempt) => leave(former, attempt))
    } catch (error) {
      if (!KafkaError.is(error) || error.retriable) throw error
    }
  }
}
