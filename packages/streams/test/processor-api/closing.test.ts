import { setImmediate as turn } from 'node:timers/promises'
import type { Processor, StreamsApp, StreamsBuilder } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { deferred, places } from '../../../../tests/clients/client-places.ts'
import { take } from '../take.ts'

/** One processor of each kind; all report when they are closed. */
function topology(s: StreamsBuilder, onClosed: (operator: string) => void): void {
  const close = (operator: string) => () => onClosed(operator)
  s.addGlobalStore('rates', ({ store }) => ({
    process: (value, key) => store.put(key, value),
    close: close('global store'),
  }))
  s.stream<number>('input')
    .processValues((context) => ({
      process: (value) => {
        if (value < 0) throw new Error('negative')
        context.forward(value)
      },
      close: close('processValues'),
    }))
    .process((context) => ({ process: (value, key) => context.forward(key, value), close: close('process') }))
    .to('output')
  s.table<number>('rows')
    .transformValues<number>(() => ({ transform: (value) => value, close: close('transformValues') }))
    .toStream()
    .to('changes')
}

describe.each(Object.entries(places))('what processors have open is closed, %s', (_, place) => {
  it.each(['the application is closed', 'it has failed'])('once for each task, when %s', async (how) => {
    const { kafka, close } = await place()
    for (const topic of ['input', 'rows', 'rates']) await kafka.admin.createTopic(topic, { partitions: 2 })
    const closed: string[] = []
    const s = kafka.streams({ application: 'closing' })
    topology(s, (operator) => closed.push(operator))
    const app = await s.start()
    const running = deferred()
    app.on('state', ({ state }) => state === 'running' && running.resolve())
    if (app.state !== 'running') await running.promise
    while ((await app.tasks()).length < 4) await turn()
    expect(closed).toEqual([])
    if (how === 'it has failed') {
      const failed = deferred()
      app.on('error', () => failed.resolve())
      await kafka.produce('input', -1)
      await failed.promise
    }
    await app.close()
    const counts: Record<string, number> = {}
    for (const operator of closed) counts[operator] = (counts[operator] ?? 0) + 1
    expect(counts).toEqual({ process: 2, processValues: 2, transformValues: 2, 'global store': 1 })
    await close()
  })

  it('when the partition goes to another member, which goes on with it', async () => {
    const { kafka, close } = await place()
    await kafka.admin.createTopic('input', { partitions: 2 })
    const opened: string[] = []
    const start = (member: string): Promise<StreamsApp> => {
      const s = kafka.streams({ application: 'shared' })
      s.stream<number>('input')
        .process((context) => {
          const task = `${member} ${context.taskId}`
          opened.push(task)
          return {
            process: (value, key) => context.forward(key, value),
            close: () => void opened.splice(opened.indexOf(task), 1),
          }
        })
        .to('output')
      return s.start()
    }
    const first = await start('one')
    while ((await first.tasks()).length < 2) await turn()
    expect(opened.toSorted()).toEqual(['one 0_0', 'one 0_1'])
    const second = await start('two')
    while ((await second.tasks()).length < 1) await turn()
    expect(opened.map((task) => task.slice(-3)).toSorted()).toEqual(['0_0', '0_1'])
    expect(new Set(opened.map((task) => task.slice(0, 3)))).toEqual(new Set(['one', 'two']))
    await first.close()
    await second.close()
    expect(opened).toEqual([])
    await close()
  })

  it('after all that was processed is committed, and an error in it is told and keeps nothing from ending', async () => {
    const { kafka, close } = await place()
    const values = take<number>(kafka, 'output')
    const s = kafka.streams({ application: 'broken', guarantee: 'exactly-once' })
    let closed = 0
    s.stream<number>('input')
      .process((context) => ({
        process: (value, key) => context.forward(key, value),
        close() {
          closed++
          throw new Error('the file is gone')
        },
      }))
      .process((context) => ({ process: (value, key) => context.forward(key, value), close: () => void closed++ }))
      .to('output')
    const app = await s.start()
    const errors: unknown[] = []
    app.on('error', ({ error }) => errors.push(error))
    await kafka.produce('input', 1)
    await values.records(1)
    await app.close()
    expect(app.state).toBe('closed')
    expect(closed).toBe(2)
    expect(errors).toEqual([expect.objectContaining({ code: 'PROCESSING_FAILED' })])
    expect(String(errors[0])).toContain("operator 'process': processing failed: the file is gone")
    const { offsets } = await kafka.admin.describeGroup('broken')
    expect(offsets).toMatchObject([{ committed: 1 }])
    await values.close()
    await close()
  })

  it('and an error in that of a global store is told, too', async () => {
    const { kafka, close } = await place()
    for (const topic of ['input', 'rates']) await kafka.admin.createTopic(topic, { partitions: 1 })
    const s = kafka.streams({ application: 'broken' })
    const fail = (): void => {
      throw new Error('the file is gone')
    }
    s.addGlobalStore('rates', () => ({ process: () => undefined, close: fail }), { name: 'rates' })
    s.stream('input').to('output')
    const app = await s.start()
    const errors: string[] = []
    app.on('error', ({ error }) => errors.push(String(error)))
    await app.close()
    expect(errors).toEqual([expect.stringContaining("operator 'rates': processing failed: the file is gone")])
    await close()
  })
})

describe('a processor that is closed', () => {
  it('can hand nothing on any more, which is said', () => {
    let late: (() => void) | undefined
    const make: Processor<string | null, number, string | null, number> = (context) => {
      late = () => context.forward(null, 1)
      return () => undefined
    }
    const driver = new TopologyTestDriver((s) => s.stream<number>('input').process(make).to('output'))
    driver.pipe('input', 1)
    driver.close()
    expect(late).toThrow(/process: its task has ended, so nothing can be handed on any more/)
    expect(driver.read('output')).toEqual([])
  })

  it('can put nothing any more, which is said as well', () => {
    const thrown: unknown[] = []
    const stores = {
      keyed: {},
      windows: { kind: 'window', windowSize: 1, retention: 10 },
      sessions: { kind: 'session', retention: 10 },
    } as const
    const driver = new TopologyTestDriver((s) =>
      s.stream('input').process(
        (context) => ({
          process: () => undefined,
          close() {
            const puts = [
              () => context.store('keyed').put('k', 1),
              () => context.store('keyed').delete('k'),
              () => context.windowStore('windows').put('k', 1, 0),
              () => context.sessionStore('sessions').put('k', { start: 0, end: 0 }, 1),
            ]
            for (const put of puts) {
              try {
                put()
              } catch (error) {
                thrown.push(String(error))
              }
            }
          },
        }),
        { stores },
      ),
    )
    driver.close()
    const said = ['keyed', 'keyed', 'windows', 'sessions'].map((store): unknown =>
      expect.stringContaining(`store '${store}': its task has ended, so nothing can be put any more`),
    )
    expect(thrown).toEqual(said)
  })

  it('is closed where another one cannot be made', () => {
    let closed = 0
    const open = { process: () => undefined, close: () => void closed++ }
    const broken = (): never => {
      throw new Error('no such file')
    }
    const two = (s: StreamsBuilder): void => {
      s.stream('input').process(() => open)
      s.stream('input').process(broken)
    }
    expect(() => new TopologyTestDriver(two)).toThrow('no such file')
    const twoStores = (s: StreamsBuilder): void => {
      s.addGlobalStore('one', () => open)
      s.addGlobalStore('two', broken)
    }
    expect(() => new TopologyTestDriver(twoStores)).toThrow('no such file')
    expect(closed).toBe(2)
  })

  it.each([
    ['nothing', () => undefined, 'must return a function of value and key, or an object { process, close }'],
    ['an object without process', () => ({ close: () => undefined }), 'an object { process, close }'],
    ['a promise', () => Promise.resolve(() => undefined), 'an object { process, close }'],
  ])('is refused at once where its maker returns %s', (_, make, message) => {
    const build = (): unknown =>
      new TopologyTestDriver((s) =>
        s
          .stream('input')
          .process(make as never)
          .to('output'),
      )
    expect(build).toThrow(message)
  })

  it('may not close asynchronously, as nobody would wait for it', () => {
    const driver = new TopologyTestDriver((s) =>
      s.stream('input').process(() => ({ process: () => undefined, close: (() => Promise.resolve()) as () => void })),
    )
    expect(() => driver.close()).toThrow(/close\(\): the function returned a Promise/)
  })
})
