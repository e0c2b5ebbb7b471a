import { ManualClock, yieldToEventLoop } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { StorageChanges } from '../storage.ts'
import { GroupCommit } from './group-commit.ts'

interface Times {
  /** How long each write takes, and how long the event loop works on each answer. */
  readonly writeMs: number
  readonly answerMs: number
}

/** Callers that send their next unit as soon as they have their answer. */
class Callers {
  readonly clock = new ManualClock()
  /** The number of units in each write, and answers between them. */
  readonly events: (number | 'answer')[] = []
  readonly commits: GroupCommit
  readonly #answerMs: number
  #left: number

  constructor({ writeMs, answerMs }: Times, answers: number) {
    this.#answerMs = answerMs
    this.#left = answers
    this.commits = new GroupCommit(
      async (units) => {
        this.events.push(units.length)
        await yieldToEventLoop()
        this.clock.advance(writeMs)
      },
      this.clock,
      () => undefined,
    )
  }

  async run(callers: number): Promise<void> {
    await Promise.all(Array.from({ length: callers }, () => this.#call()))
  }

  async #call(): Promise<void> {
    while (this.#left > 0) {
      await this.commits.add({ changes: new StorageChanges() })
      this.#left--
      this.events.push('answer')
      this.clock.advance(this.#answerMs)
    }
  }

  get writes(): number[] {
    return this.events.filter((event) => event !== 'answer')
  }
}

describe('GroupCommit', () => {
  it('waits for the next units of answered callers while the disk is slower than the event loop', async () => {
    const callers = new Callers({ writeMs: 100, answerMs: 1 }, 80)
    const first = callers.run(4)
    // In the middle of their write.
    await yieldToEventLoop()
    await Promise.all([first, callers.run(4)])
    expect(callers.writes.slice(0, 6)).toEqual([4, 8, 8, 8, 8, 8])
  })

  it('writes one half while a slower event loop works on the other', async () => {
    const callers = new Callers({ writeMs: 10, answerMs: 10 }, 80)
    await callers.run(8)
    expect(callers.writes.slice(0, 6)).toEqual([8, 4, 4, 4, 4, 4])
    // The next write begins before the answers of the last.
    const { events } = callers
    const second = events.indexOf(4)
    expect(events.slice(second, second + 3)).toEqual([4, 4, 'answer'])
  })
})
