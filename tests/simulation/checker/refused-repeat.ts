import type { EventOf } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'

type Answer = EventOf<'batch-answered'>

/** A producer may have so many in flight, so a log has to know so many of its last batches again. */
const batchesRemembered = 5

export const refusedRepeat: Anomaly = {
  kind: 'refused-repeat',
  meaning:
    'one of the last five batches of a producer came again and was refused, so its sender does not hear that it is ' +
    'written',
  *find(facts) {
    for (const answers of Map.groupBy(facts.of('batch-answered'), producerOf).values())
      for (const refused of answers) {
        if (refused.error !== 'OUT_OF_ORDER_SEQUENCE_NUMBER' || isOtherLog(facts, refused)) continue
        const appended = answers.find((answer) => isSameBatch(answer, refused) && answer.sequence < refused.since)
        if (!appended || isInterrupted(facts, appended, refused)) continue
        const newer = newerBatches(answers, refused)
        if (newer >= batchesRemembered) continue
        const { topic, partition, producerId, baseSequence } = refused
        const what = `the batch of producer ${producerId} that begins with sequence ${baseSequence}`
        const sentence =
          `${what} is in ${topic}/${partition} with ${newer} newer ones, and was refused when it came` + ` again`
        yield finding(sentence, appended, refused)
      }
  },
}

function producerOf({ topic, partition, producerId, producerEpoch }: Answer): string {
  return `${topic}/${partition} ${producerId} ${producerEpoch}`
}

function isSameBatch(answer: Answer, { baseSequence, lastSequence }: Answer): boolean {
  return answer.error === undefined && answer.baseSequence === baseSequence && answer.lastSequence === lastSequence
}

/** Answers name the topic alone: one that was made anew knows nothing of what the former one took. */
function isOtherLog(facts: Facts, { topic }: Answer): boolean {
  return facts.topics.named(topic).length > 1
}

/** A server that dies or ends answers nobody, so that nobody has seen all that it has appended. */
function isInterrupted(facts: Facts, from: Answer, to: Answer): boolean {
  return [...facts.of('crash'), ...facts.of('restart')].some(
    ({ sequence }) => sequence > from.since && sequence < to.sequence,
  )
}

/** As many as may have been appended behind it by then, whether or not they were answered already. */
function newerBatches(answers: readonly Answer[], { baseSequence, sequence }: Answer): number {
  const newer = answers.filter((answer) => answer.baseSequence > baseSequence && answer.since < sequence)
  return new Set(newer.map((answer) => answer.baseSequence)).size
}
