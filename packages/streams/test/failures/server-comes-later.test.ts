import { memory } from '@kafkado/broker'
import { DisconnectedError, intercept, seededRandom, UnauthorizedError } from '@kafkado/core'
import type { StreamsApp } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'

const random = seededRandom(1)

describe('an application that is started before its server', () => {
  let clock: ManualClock
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  /** What a request fails with; undefined once the server is there. */
  let fault: Error | undefined
  let isAsked: boolean

  beforeEach(() => {
    clock = new ManualClock()
    engine = memory({ runtime: { clock, random } })
    fault = new DisconnectedError('nobody is there')
    isAsked = false
    const away = intercept(engine, (next) => (operation, request, options) => {
      isAsked = true
      if (fault) throw fault
      return next(operation, request, options)
    })
    kafka = new KafkaClient(away)
  })

  afterEach(async () => {
    fault = undefined
    await kafka.close()
    await engine.close()
  })

  const started = (topics: string | RegExp): Promise<StreamsApp | Error> => {
    const s = kafka.streams({ application: 'app', runtime: { clock, random } })
    s.stream(topics as string).to('out')
    return s.start().catch((error: Error) => error)
  }

  /** Lets so much time pass, unless the start is over before. */
  const startedAfter = async (
    start: Promise<StreamsApp | Error>,
    ms: number,
  ): Promise<StreamsApp | Error | undefined> => {
    let result: StreamsApp | Error | undefined
    const startMs = clock.now()
    void start.then((one) => (result = one))
    await until(() => isAsked)
    await until(() => result !== undefined || clock.now() >= startMs + ms, clock, 100)
    return result
  }

  it.each([
    ['of its topics', 'in'],
    ['of a pattern', /^in/],
  ])('waits for it, to ask %s', async (_what, topics) => {
    const start = started(topics)
    expect(await startedAfter(start, 20_000)).toBeUndefined()
    fault = undefined
    const app = (await inTime(start, clock, 100)) as StreamsApp
    expect(app.state).toBe('running')
    await inTime(app.close(), clock, 100)
  })

  it('gives up after half a minute, says why, and has done nothing', async () => {
    const error = await startedAfter(started('in'), 31_000)
    expect(error).toMatchObject({ name: 'TimeoutError', outcome: 'failed', cause: fault })
    expect((error as Error).message).toMatch(/application 'app': its topics: .*30000 ms.*nobody is there/)
  })

  it('does not wait for what cannot come', async () => {
    fault = new UnauthorizedError('not with this key')
    expect(await startedAfter(started('in'), 100)).toBe(fault)
  })
})
