import { InvalidRequestError } from '@kafkado/core'
import type { ProcessorSessionStore, ProcessorStore, ProcessorWindowStore, StoreOptions } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

interface Stores {
  keyValue: ProcessorStore<string, number>
  windows: ProcessorWindowStore<string, number>
  sessions: ProcessorSessionStore<string, number>
}

const [retention, windowSize] = [40, 10]
const definitions: Record<string, StoreOptions> = {
  keyValue: {},
  windows: { kind: 'window', retention, windowSize },
  sessions: { kind: 'session', retention },
}

/** A driver with one processor that has one store of each kind; `use` gets them during a record. */
function storesIn(logged = true): {
  use: (act: (stores: Stores) => void) => void
  driver: TopologyTestDriver
} {
  let act: (stores: Stores) => void = () => undefined
  const stores = Object.fromEntries(
    Object.entries(definitions).map(([name, options]) => [name, { ...options, logged }]),
  )
  const driver = new TopologyTestDriver((s) =>
    s
      .stream('input')
      .process(
        (context) => {
          const given: Stores = {
            keyValue: context.store('keyValue'),
            windows: context.windowStore('windows'),
            sessions: context.sessionStore('sessions'),
          }
          return () => act(given)
        },
        { stores },
      )
      .forEach(() => undefined),
  )
  return {
    driver,
    use(given) {
      act = given
      driver.pipe('input', { value: 0 })
    },
  }
}

const key = fc.constantFrom('a', 'b', 'ab', 'ä')
const time = fc.nat(120)
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('put' as const),
      key,
      time,
      length: fc.nat(20),
      value: fc.option(fc.nat(9)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('ask' as const), key, time, length: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('restart' as const) }) },
)

/** The expected content of the stores: everything put, and the latest time of each. */
class Model {
  readonly keyValue = new Map<string, number>()
  readonly windows = new Map<string, { key: string; start: number; end: number; value: number }>()
  readonly sessions = new Map<string, { key: string; start: number; end: number; value: number }>()
  latestStart = -1
  latestEnd = -1

  get keptWindows(): { key: string; start: number; end: number; value: number }[] {
    return inOrder([...this.windows.values()].filter(({ start }) => start > this.latestStart - retention))
  }

  get keptSessions(): { key: string; start: number; end: number; value: number }[] {
    return inOrder([...this.sessions.values()].filter(({ end }) => end > this.latestEnd - retention))
  }
}

function inOrder<Row extends { key: string; start: number; end: number }>(rows: Row[]): Row[] {
  return rows.sort(
    (one, other) =>
      one.end - other.end || one.start - other.start || Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)),
  )
}

describe('stores of a processor', () => {
  it.each([true, false])(
    'hold what was put, for as long as they keep it, also after restarts (changelog: %s)',
    (logged) => {
      fc.assert(
        fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
          const { use, driver } = storesIn(logged)
          let model = new Model()
          for (const one of commands) {
            if (one.what === 'restart') {
              driver.restart()
              if (!logged) model = new Model()
            } else if (one.what === 'put') put(one, use, model)
            else ask(one, use, model)
          }
        }),
        { numRuns: 300 },
      )
    },
  )

  it('gives copies, so that a row is changed by put alone', () => {
    const { use, driver } = storesIn()
    const values: unknown[] = []
    const object = { list: [1] }
    use((stores) => {
      const { keyValue, windows, sessions } = stores as unknown as Record<
        keyof Stores,
        ProcessorStore<string, unknown>
      > & {
        windows: ProcessorWindowStore<string, unknown>
        sessions: ProcessorSessionStore<string, unknown>
      }
      keyValue.put('k', object)
      windows.put('k', object, 0)
      sessions.put('k', { start: 0, end: 1 }, object)
      object.list.push(2)
      for (const found of [keyValue.get('k'), windows.get('k', 0), sessions.get('k', { start: 0, end: 1 })])
        (found as typeof object).list.push(3)
      values.push(keyValue.get('k'), windows.get('k', 0), sessions.fetch('k')[0]?.value)
    })
    expect(values).toEqual([{ list: [1] }, { list: [1] }, { list: [1] }])
    driver.close()
  })

  it('count what comes too late to be kept', () => {
    const { use, driver } = storesIn()
    use(({ windows, sessions }) => {
      windows.put('a', 1, 100)
      sessions.put('a', { start: 90, end: 100 }, 1)
    })
    use(({ windows, sessions }) => {
      windows.put('b', 1, 60)
      sessions.put('b', { start: 0, end: 60 }, 1)
      expect(windows.get('b', 60)).toBeUndefined()
      expect(sessions.fetch('b')).toEqual([])
    })
    expect(driver.dropped()).toEqual({ late: 2 })
  })

  it.each([
    [{ kind: 'window', windowSize: 10 }, /store 'wrong': a window store needs \{ retention \}/],
    [{ kind: 'window', retention: 10 }, /store 'wrong': a window store needs \{ windowSize \}/],
    [
      { kind: 'window', windowSize: 11, retention: 10 },
      /retention of 10 ms is shorter than the windows, which have 11 ms/,
    ],
    [{ kind: 'session' }, /a session store needs \{ retention \}/],
    [{ kind: 'session', retention: 'soon' }, /store 'wrong': retention/],
    [{ kind: 'heap' }, /kind must be 'key-value', 'window' or 'session', got 'heap'/],
  ])('are refused at once as %j', (options, message) => {
    const build = (): unknown =>
      new TopologyTestDriver((s) =>
        s.stream('input').process(() => () => undefined, { stores: { wrong: options as StoreOptions } }),
      )
    expect(build).toThrow(InvalidRequestError)
    expect(build).toThrow(message)
  })

  it.each([
    ['store', 'windows', "'windows' is a window store; ask for it with windowStore('windows')"],
    ['windowStore', 'sessions', "'sessions' is a session store; ask for it with sessionStore('sessions')"],
    ['sessionStore', 'keyValue', "'keyValue' is a key-value store; ask for it with store('keyValue')"],
    ['store', 'none', "there is no store 'none'; name it in { stores }"],
  ] as const)('asked for with %s(%j) say what would be right', (method, name, message) => {
    const build = (): unknown =>
      new TopologyTestDriver((s) =>
        s.stream('input').process(
          (context) => {
            context[method](name)
            return () => undefined
          },
          { stores: definitions },
        ),
      )
    expect(build).toThrow(message)
  })
})

type Use = ReturnType<typeof storesIn>['use']

function put(
  { key: own, time: start, length, value }: { key: string; time: number; length: number; value: number | null },
  use: Use,
  model: Model,
): void {
  const session = { start, end: start + length }
  use((stores) => {
    stores.keyValue.put(own, value)
    stores.windows.put(own, value, start)
    stores.sessions.put(own, session, value)
  })
  const set = <Row>(rows: Map<string, Row>, name: string, row: Row): void => {
    if (value === null) rows.delete(name)
    else rows.set(name, row)
  }
  const number = value as number
  set(model.keyValue, own, number)
  if (start > model.latestStart - retention)
    set(model.windows, `${own} ${start}`, { key: own, start, end: start + windowSize, value: number })
  if (session.end > model.latestEnd - retention)
    set(model.sessions, `${own} ${start} ${session.end}`, { key: own, ...session, value: number })
  model.latestStart = Math.max(model.latestStart, start)
  model.latestEnd = Math.max(model.latestEnd, session.end)
}

function ask(
  { key: own, time: from, length }: { key: string; time: number; length: number },
  use: Use,
  model: Model,
): void {
  const to = from + length
  use(({ keyValue, windows, sessions }) => {
    expect(keyValue.get(own)).toBe(model.keyValue.get(own))
    const sorted = [...model.keyValue].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    expect([...keyValue.entries()]).toEqual(sorted)
    const isWithin = ([name]: readonly [string, number]): boolean => name === 'a' || name === 'ab' || name === 'b'
    expect([...keyValue.range('a', 'b')]).toEqual(sorted.filter(isWithin))
    const within = ({ start }: { start: number }): boolean => start >= from && start <= to
    expect(windows.get(own, from)).toBe(model.keptWindows.find((row) => row.key === own && row.start === from)?.value)
    expect(windows.fetch(own, from, to)).toEqual(model.keptWindows.filter((row) => row.key === own && within(row)))
    expect(windows.fetchAll(from, to)).toEqual(model.keptWindows.filter(within))
    expect(windows.entries()).toEqual(model.keptWindows)
    const found = model.keptSessions.filter((row) => row.key === own && row.end >= from && row.start <= to)
    expect(sessions.findSessions(own, from, to)).toEqual(found)
    expect(sessions.fetch(own)).toEqual(model.keptSessions.filter((row) => row.key === own))
    expect(sessions.entries()).toEqual(model.keptSessions)
    for (const { key: name, value, ...session } of model.keptSessions) expect(sessions.get(name, session)).toBe(value)
  })
}
