import type { Examples } from './example.ts'
import { Story, topic } from './story.ts'

interface Answer {
  readonly error?: string
  readonly partition?: number
  readonly producerEpoch?: number
  readonly lastSequence?: number
  /** How many events there were when it came; without it that was just now. */
  readonly since?: number
}

const refusal = { error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' } as const
const crash = { type: 'crash', what: 'server' } as const

/** The answers to batches of one record, by their sequences. */
class Batches extends Story {
  answers(...sequences: readonly number[]): this {
    for (const sequence of sequences) this.answer(sequence)
    return this
  }

  answer(baseSequence: number, answer: Answer = {}): this {
    const { lastSequence = baseSequence, partition = 0, producerEpoch = 0, since = this.events.length } = answer
    const { error } = answer
    return this.add('server', {
      type: 'batch-answered',
      topic,
      partition,
      since,
      producerId: 7,
      producerEpoch,
      baseSequence,
      lastSequence,
      ...(error !== undefined && { error }),
    })
  }
}

const batches = (): Batches => new Batches()

/** What comes again. */
export const repeats: readonly Examples[] = [
  {
    kind: 'refused-repeat',
    found: {
      'the last but one': () => batches().answers(0, 1).answer(0, refusal),
      'the fifth from the end': () => batches().answers(0, 1, 2, 3, 4).answer(0, refusal),
      'more were sent, and the engine had them only later': () =>
        batches().answers(0, 1, 2, 3, 4).answer(0, refusal).answers(5),
      'a crash before both': () => batches().add('server', crash).answers(0, 1).answer(0, refusal),
    },
    legal: {
      'it is answered again': () => batches().answers(0, 1, 0),
      'the sixth from the end': () => batches().answers(0, 1, 2, 3, 4, 5).answer(0, refusal),
      'the sixth from the end, when the last one is not answered yet': () =>
        batches().answers(0, 1, 2, 3, 4).answer(0, refusal).answer(5, { since: 5 }),
      'it was never appended': () => batches().answers(0).answer(2, refusal).answers(1, 2),
      'refused for the first time, with a gap before it': () => batches().answer(1, refusal).answers(0, 1),
      'halves of a batch that was too large come behind it': () =>
        batches().answer(0, { lastSequence: 1 }).answers(2).answer(0, refusal),
      'the same numbers in another partition, and of another epoch': () =>
        batches().answer(0, { partition: 1 }).answer(0, { producerEpoch: 1 }).answers(1).answer(0, refusal),
      'both came at the same time': () =>
        batches()
          .answers(0)
          .answer(1)
          .answer(0, { ...refusal, since: 0 }),
      'refused for another reason': () => batches().answers(0, 1).answer(0, { error: 'INVALID_PRODUCER_EPOCH' }),
      'a crash between, so nobody knows what was appended': () =>
        batches().answers(0, 1).add('server', crash).answer(0, refusal),
      'in a topic that was made anew': () => batches().answers(0, 1).creates({ topicId: 'o2' }).answer(0, refusal),
    },
  },
]
