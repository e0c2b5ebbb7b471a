import { describe, expect, it } from 'vitest'
import { type FakeConnection, FakeConnections } from '../../test/fake-connections.ts'
import { deferred, outcomeOf, turns, within } from '../../test/waiting.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { ExclusiveLane } from './exclusive-lane.ts'
import type { Lane } from './lane.ts'
import { SharedLane } from './shared-lane.ts'

/** Requests over a lane. It records their order and connections, and keeps them running until they are answered. */
class Requests {
  readonly sent: string[] = []
  readonly #lane: Lane
  readonly #underWay = new Map<string, () => void>()

  constructor(lane: Lane) {
    this.#lane = lane
  }

  send(name: string, key?: string | number): Promise<string> {
    return this.#lane.run(async (connection: BrokerConnection) => {
      const fake = connection as unknown as FakeConnection
      this.sent.push(`${name} on ${fake.number}`)
      const answer = deferred()
      this.#underWay.set(name, () => answer.resolve())
      await fake.use(answer.promise)
      return name
    }, key)
  }

  answer(...names: string[]): void {
    for (const name of names) {
      expect([...this.#underWay.keys()]).toContain(name)
      this.#underWay.get(name)?.()
      this.#underWay.delete(name)
    }
  }
}

function shared(size: number) {
  const connections = new FakeConnections()
  const lane = new SharedLane(connections.open, size)
  return { connections, lane, requests: new Requests(lane) }
}

function exclusive(size: number) {
  const connections = new FakeConnections()
  const lane = new ExclusiveLane(connections.open, size)
  return { connections, lane, requests: new Requests(lane) }
}

describe('a lane of shared connections', () => {
  it('sends what has the same key over one connection, in order', async () => {
    const { connections, requests } = shared(4)
    for (let number = 1; number <= 20; number++) void requests.send(`a${number}`, 'a')
    await turns(1)
    expect(requests.sent).toEqual(Array.from({ length: 20 }, (_, index) => `a${index + 1} on 1`))
    expect(connections.made).toHaveLength(1)
  })

  it('spreads keys over all its connections, and has no more than its size', async () => {
    const { connections, requests } = shared(4)
    for (let producerId = 0; producerId < 100; producerId++) void requests.send(`p${producerId}`, producerId)
    for (const key of ['', 'ü', '-1', 'a'.repeat(1000)]) void requests.send(`text ${key.length}`, key)
    await turns(1)
    expect(connections.made).toHaveLength(4)
    expect(requests.sent).toHaveLength(104)
  })

  it('opens a second connection when the first is in use, and takes the one with less under way', async () => {
    const { connections, requests } = shared(2)
    for (const name of ['first', 'second', 'third', 'fourth', 'fifth']) {
      void requests.send(name)
      await turns(1)
    }
    expect(connections.made).toHaveLength(2)
    expect(connections.made.map(({ inFlight }) => inFlight).toSorted((one, other) => one - other)).toEqual([2, 3])
    requests.answer(...requests.sent.filter((sent) => sent.endsWith('on 2')).map((sent) => sent.slice(0, -5)))
    await turns(1)
    void requests.send('last')
    await turns(1)
    expect(requests.sent.at(-1)).toBe('last on 2')
  })

  it('opens one connection for all who wait for it', async () => {
    const { connections, requests } = shared(4)
    connections.opensAtOnce = false
    for (const name of ['first', 'second', 'third']) void requests.send(name, 'a')
    await turns(1)
    expect(connections.opening).toHaveLength(1)
    connections.openNext()
    await turns(1)
    expect(requests.sent).toEqual(['first on 1', 'second on 1', 'third on 1'])
  })

  it('fails all who wait for a connection that cannot be made, and tries again for the next', async () => {
    const { connections, requests } = shared(1)
    connections.opensAtOnce = false
    const outcomes = ['first', 'second'].map((name) => outcomeOf(requests.send(name, 'a')))
    await turns(1)
    connections.refuseNext(new Error('refused'))
    expect(await Promise.all(outcomes)).toEqual([new Error('refused'), new Error('refused')])
    void requests.send('third', 'a')
    await turns(1)
    connections.openNext()
    await turns(1)
    expect(requests.sent).toEqual(['third on 1'])
  })

  it('replaces a connection that may not be used any more, without failing what is under way on it', async () => {
    const { connections, requests } = shared(1)
    const old = requests.send('old', 'a')
    await turns(1)
    ;(connections.made[0] as FakeConnection).isUsable = false
    const young = requests.send('young', 'a')
    await turns(1)
    expect(requests.sent).toEqual(['old on 1', 'young on 2'])
    expect(connections.made[0]).toMatchObject({ isClosed: false })
    requests.answer('young', 'old')
    expect(await Promise.all([old, young])).toEqual(['old', 'young'])
    expect(connections.made).toMatchObject([{ isClosed: true }, { isClosed: false }])
  })

  it('keeps the order of a key while a connection is replaced', async () => {
    const { connections, requests } = shared(1)
    void requests.send('zero', 'a')
    await turns(1)
    requests.answer('zero')
    ;(connections.made[0] as FakeConnection).isUsable = false
    connections.opensAtOnce = false
    for (const name of ['first', 'second']) void requests.send(name, 'a')
    await turns(1)
    // This request arrives while the new connection is being opened.
    void requests.send('third', 'a')
    await turns(1)
    connections.openNext()
    await turns(1)
    expect(requests.sent).toEqual(['zero on 1', 'first on 2', 'second on 2', 'third on 2'])
  })

  it('keeps the order of a key for one that is sent in the moment in which the connection is there', async () => {
    const { connections, requests } = shared(1)
    connections.opensAtOnce = false
    for (const name of ['first', 'second']) void requests.send(name, 'a')
    await turns(1)
    connections.openNext()
    for (let microtask = 0; microtask < 10; microtask++) {
      await Promise.resolve()
      void requests.send(`later ${microtask}`, 'a')
    }
    await turns(1)
    expect(requests.sent.map((sent) => sent.replace(/ on 1$/, ''))).toEqual([
      'first',
      'second',
      ...Array.from({ length: 10 }, (_, index) => `later ${index}`),
    ])
  })

  it('closes what nobody has used for long, and nothing else', async () => {
    const { connections, lane, requests } = shared(4)
    for (let key = 0; key < 4; key++) void requests.send(`request ${key}`, key)
    await turns(1)
    requests.answer('request 0', 'request 1', 'request 2')
    await turns(1)
    const [first, second, third] = connections.made as [FakeConnection, FakeConnection, FakeConnection]
    first.lastUsedMs = 1000
    second.lastUsedMs = 1001
    third.lastUsedMs = 1001
    third.isUsable = false
    expect(lane.closeIdle(1000)).toBe(2)
    expect(connections.made.map(({ isClosed }) => isClosed)).toEqual([true, false, true, false])
    expect(lane.closeIdle(1001)).toBe(1)
    void requests.send('again', 0)
    await turns(1)
    expect(requests.sent.at(-1)).toBe('again on 5')
  })

  it('closes with all its connections, also one that is just being made', async () => {
    const { connections, lane, requests } = shared(4)
    void requests.send('first', 0)
    await turns(1)
    connections.opensAtOnce = false
    void outcomeOf(requests.send('second', 1))
    await turns(1)
    const closed = lane.close()
    connections.openNext()
    await within(closed, 'close()')
    expect(connections.notClosed).toEqual([])
  })
})

describe('connections that cannot be used from the moment in which they are made', () => {
  it.each([
    ['shared connections', shared],
    ['connections for one request each', exclusive],
  ])('are not made for ever by a lane of %s', async (_, make) => {
    const { connections, requests } = make(1)
    connections.opensAtOnce = false
    let isOver = false
    const outcome = outcomeOf(requests.send('first', 'a')).finally(() => {
      isOver = true
    })
    // Like a session that ends at once, or a broker that closes at once.
    for (let count = 0; count < 10 && connections.opening.length > 0; count++) {
      connections.openNext((connection) => {
        connection.isUsable = false
      })
      await turns(1)
    }
    expect(connections.opening).toHaveLength(0)
    expect(isOver || requests.sent.length > 0).toBe(true)
    if (isOver) expect(await outcome).toBeInstanceOf(Error)
  })
})

describe('a lane of connections for one request each', () => {
  it('makes as many as there are requests, and takes those that are free again', async () => {
    const { connections, requests } = exclusive(3)
    const done = [requests.send('first'), requests.send('second')]
    await turns(1)
    expect(requests.sent).toEqual(['first on 1', 'second on 2'])
    requests.answer('second', 'first')
    expect(await Promise.all(done)).toEqual(['first', 'second'])
    void requests.send('third')
    await turns(1)
    expect(requests.sent.at(-1)).toBe('third on 1')
    expect(connections.made).toHaveLength(2)
  })

  it('lets what is beyond its size wait, and go in order', async () => {
    const { connections, requests } = exclusive(2)
    for (const name of ['a', 'b', 'c', 'd', 'e']) void requests.send(name)
    await turns(1)
    expect(requests.sent).toEqual(['a on 1', 'b on 2'])
    requests.answer('b')
    await turns(1)
    requests.answer('c', 'a')
    await turns(1)
    expect(requests.sent.map((sent) => sent[0])).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(connections.made).toHaveLength(2)
  })

  it('never has more than its size, also when several are sent while one is free', async () => {
    const { connections, requests } = exclusive(1)
    void requests.send('first')
    await turns(1)
    requests.answer('first')
    await turns(1)
    for (const name of ['second', 'third']) void requests.send(name)
    await turns(1)
    expect(requests.sent).toEqual(['first on 1', 'second on 1'])
    expect(connections.made).toHaveLength(1)
  })

  it('never has more than its size, also when one is sent in the moment in which a connection is there', async () => {
    const { connections, requests } = exclusive(1)
    connections.opensAtOnce = false
    void requests.send('first')
    await turns(1)
    connections.openNext()
    for (let microtask = 0; microtask < 10; microtask++) {
      await Promise.resolve()
      void requests.send(`later ${microtask}`)
    }
    await turns(1)
    expect(connections.opening).toHaveLength(0)
    expect(requests.sent).toEqual(['first on 1'])
  })

  it('gives the turn of one that could not connect to the next', async () => {
    const { connections, requests } = exclusive(1)
    connections.opensAtOnce = false
    const first = outcomeOf(requests.send('first'))
    const second = requests.send('second')
    await turns(1)
    connections.refuseNext(new Error('refused'))
    expect(await first).toEqual(new Error('refused'))
    await turns(1)
    connections.openNext()
    await turns(1)
    requests.answer('second')
    expect(await second).toBe('second')
  })

  it('gives the turn of one that fails to the next, and its connection too unless it is broken', async () => {
    const { connections, lane, requests } = exclusive(1)
    const failing = deferred()
    const first = outcomeOf(lane.run(() => failing.promise))
    void requests.send('second')
    await turns(1)
    failing.reject(new Error('no'))
    expect(await first).toEqual(new Error('no'))
    await turns(1)
    expect(requests.sent).toEqual(['second on 1'])
    ;(connections.made[0] as FakeConnection).isUsable = false
    requests.answer('second')
    void requests.send('third')
    await turns(1)
    expect(requests.sent.at(-1)).toBe('third on 2')
    expect(connections.made[0]).toMatchObject({ isClosed: true })
  })

  it('passes over free connections that have broken meanwhile', async () => {
    const { connections, requests } = exclusive(3)
    for (const name of ['a', 'b', 'c']) void requests.send(name)
    await turns(1)
    requests.answer('a', 'b', 'c')
    await turns(1)
    for (const connection of connections.made.slice(1)) connection.isUsable = false
    void requests.send('d')
    await turns(1)
    expect(requests.sent.at(-1)).toBe('d on 1')
    expect(connections.made.map(({ isClosed }) => isClosed)).toEqual([false, true, true])
  })

  it('closes what nobody has used for long', async () => {
    const { connections, lane, requests } = exclusive(3)
    for (const name of ['a', 'b', 'c']) void requests.send(name)
    await turns(1)
    requests.answer('a', 'b')
    await turns(1)
    for (const [index, connection] of connections.made.entries()) connection.lastUsedMs = index
    expect(lane.closeIdle(0)).toBe(2)
    expect(connections.made.map(({ isClosed }) => isClosed)).toEqual([true, false, false])
    expect(lane.closeIdle(5)).toBe(1)
    expect(connections.made.map(({ isClosed }) => isClosed)).toEqual([true, true, false])
  })

  it('closes with all its connections, and makes none for those who wait', async () => {
    const { connections, lane, requests } = exclusive(2)
    for (const name of ['busy', 'free', 'waiting', 'waiting too']) void outcomeOf(requests.send(name))
    await turns(1)
    await within(lane.close(), 'close()')
    expect(connections.notClosed).toEqual([])
    // Closing a connection fails its running requests.
    requests.answer('busy', 'free')
    await turns(1)
    expect(connections.made).toHaveLength(2)
    expect(requests.sent).toEqual(['busy on 1', 'free on 2'])
  })

  it('closes with a connection that is just being made', async () => {
    const { connections, lane, requests } = exclusive(2)
    connections.opensAtOnce = false
    void outcomeOf(requests.send('first'))
    await turns(1)
    const closed = lane.close()
    connections.openNext()
    await within(closed, 'close()')
    await turns(1)
    expect(connections.notClosed).toEqual([])
  })
})
