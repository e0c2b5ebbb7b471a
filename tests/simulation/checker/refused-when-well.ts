import { type Anomaly, finding } from './anomaly.ts'

/** Those who are told that what they have begun themselves goes on no more have to begin anew. */
const ownEnds = /TRANSACTION_ABORT|PRODUCER_FENCED|INVALID_PRODUCER_EPOCH|CLOSED/

export const refusedWhenWell: Anomaly = {
  kind: 'refused-when-well',
  meaning: 'everything was well again, and a record that was handed to its producer after that was given up',
  *find(facts) {
    const { healed } = facts
    if (!healed) return
    for (const { send, sent } of facts.sends.values()) {
      if (!sent || sent.outcome === 'ok' || send.sequence < healed.sequence || ownEnds.test(sent.error ?? '')) continue
      yield finding(`"${send.value}" was given up: ${sent.error ?? sent.outcome}`, healed, send, sent)
    }
  },
}
