import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'
import { stalledMs } from './liveness.ts'

/** A few turns of timers that are due at the limit itself. */
const slackMs = 100
/** Clocks go by up to a hundredth faster or slower. */
const leastRate = 0.99

export const wrongDeliveryTimeout: Anomaly = {
  kind: 'wrong-delivery-timeout',
  meaning: 'a send is settled after its delivery timeout, or is given up for that before it is over',
  *find(facts) {
    /**
     * The oldest of those that are given up together: the time of a batch is that of its first. A batch that was too
     * large was split, and both halves keep its time, whatever they are told else.
     */
    const oldest = new Map<string, { readonly send: EventOf<'send'>; readonly sent: EventOf<'sent'> }>()
    for (const { send, sent } of facts.sends.values()) {
      const { deliveryTimeoutMs } = send
      if (deliveryTimeoutMs === undefined) continue
      const until: HistoryEvent | undefined = sent ?? facts.killed.get(send.process) ?? facts.events.at(-1)
      if (!until) continue
      const tookMs = until.atMs - send.atMs - stalledMs(facts, send, until)
      if (tookMs > deliveryTimeoutMs / leastRate + slackMs)
        yield finding(`"${send.value}" was settled after ${tookMs} ms, and had ${deliveryTimeoutMs} ms`, send, until)
      if (!sent?.error?.includes('deliveryTimeout')) continue
      const where = /topic '.*?' partition \d+/.exec(sent.error)?.[0]
      const together = `${sent.process} ${sent.atMs} ${where ?? sent.error}`
      if ((oldest.get(together)?.send.atMs ?? Infinity) > send.atMs) oldest.set(together, { send, sent })
    }
    for (const { send, sent } of oldest.values()) {
      const { deliveryTimeoutMs = 0 } = send
      const tookMs = sent.atMs - send.atMs
      if (tookMs >= deliveryTimeoutMs * leastRate - 1) continue
      yield finding(`"${send.value}" was given up after ${tookMs} ms, and had ${deliveryTimeoutMs} ms`, send, sent)
    }
  },
}

export const refusedWhenWell: Anomaly = {
  kind: 'refused-when-well',
  meaning: 'everything was well, and had been for a while, and a record was given up all the same',
  *find(facts) {
    for (const { send, sent } of facts.sends.values())
      if (send.isWhenWell && sent && sent.outcome !== 'ok')
        yield finding(`"${send.value}" was given up: ${sent.error ?? sent.outcome}`, facts.healed, send, sent)
  },
}
