import { type Anomaly, finding } from './anomaly.ts'

/**
 * What a client has to hear, however well everything is: what it has begun itself goes on no more, so it has to begin
 * again; or the record is not one for this topic.
 */
const rightly = /TRANSACTION_ABORT|PRODUCER_FENCED|INVALID_PRODUCER_EPOCH|CLOSED|INVALID_RECORD/

export const refusedWhenWell: Anomaly = {
  kind: 'refused-when-well',
  meaning: 'everything was well again, and a record that was handed to its producer after that was given up',
  *find(facts) {
    const { healed } = facts
    if (!healed) return
    for (const { send, sent } of facts.sends.values()) {
      if (!sent || sent.outcome === 'ok' || send.sequence < healed.sequence || rightly.test(sent.error ?? '')) continue
      yield finding(`"${send.value}" was given up: ${sent.error ?? sent.outcome}`, healed, send, sent)
    }
  },
}
