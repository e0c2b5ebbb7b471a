import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { memory } from '@kafkado/broker'
import { consumerGroupHeartbeat } from '@kafkado/core'
import { type RunningServer, serve } from '@kafkado/server/node'
import type { StreamsApp } from '@kafkado/streams'
import { createKafkaClient, type KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runKafkado } from './run-kafkado.ts'
import counts from './topologies/counts.ts'

const moduleOf = (name: string): string => fileURLToPath(new URL(`topologies/${name}.ts`, import.meta.url))

let engine: ReturnType<typeof memory>
let server: RunningServer
let kafka: KafkaClient
let folder: string

beforeEach(async () => {
  engine = memory()
  server = await serve({ transport: engine, port: 0 })
  kafka = createKafkaClient(engine)
  folder = await mkdtemp(join(tmpdir(), 'kafkado-cli-'))
  for (const topic of ['orders', 'totals', 'between', 'changes'])
    await kafka.admin.createTopic(topic, { partitions: 2 })
})
afterEach(async () => {
  await kafka.close()
  await server.close()
  await engine.close()
  await rm(folder, { recursive: true })
})

const run = (...words: string[]) => runKafkado(['streams', ...words])
const there = (...words: string[]) => run(...words, '--url', server.url)
const planFile = (): string => join(folder, 'plan.json')

const start = (): Promise<StreamsApp> => {
  const s = kafka.streams({ application: 'shop', commitInterval: 20, planFile: planFile() })
  counts(s)
  return s.start()
}
/** What the application has counted, once that is as many. */
async function counted(app: StreamsApp, orders: number): Promise<Map<unknown, number>> {
  const sum = (entries: readonly (readonly [unknown, number])[]): number =>
    entries.reduce((all, [, one]) => all + one, 0)
  for (;;) {
    const totals = await app.query<number>('totals').entries()
    const changes = await app.query<number>('changes').entries()
    if (sum(totals) === orders && sum(changes) >= orders) return new Map(totals)
    if (app.state === 'failed') throw new Error('the application has failed', { cause: app.error })
    await turn()
  }
}
const order = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index++)
    await kafka.produce('orders', { customer: index % 2 ? 'odd' : 'even' }, { key: `${index}` })
}
const topics = async (): Promise<string[]> => (await kafka.admin.listTopics()).map(({ name }) => name).sort()
const committed = async () =>
  (await kafka.admin.describeGroup('shop')).offsets
    .map(({ topic, partition, committed: at }) => `${topic}/${partition} ${at}`)
    .sort()

describe('streams plan', () => {
  it('prints a topology and its internal topics, and asks no server', async () => {
    const { code, output, errors } = await run('plan', moduleOf('counts'), '--application', 'shop')
    expect([code, errors]).toEqual([0, ''])
    expect(output).toMatch(/^Topology\n {2}Part 0\n {4}topic orders/)
    expect(output).toContain(
      "topic 'shop-totals-changelog': changelog of store 'totals', which keeps count of orders by customer",
    )
    expect(output).not.toMatch(/Since|server/)
  })

  it('says what has changed since the plan file, and what that means for a start', async () => {
    await (await start()).close()
    expect((await run('plan', moduleOf('counts'), '--plan-file', planFile())).output).toContain(`As in ${planFile()}.`)
    const { code, output } = await run('plan', moduleOf('other-counts'), '--plan-file', planFile())
    expect(code).toBe(0)
    const changes = output.slice(output.indexOf('Since')).trimEnd().split('\n')
    expect(changes.slice(1).map((line) => line.replace(/ \(.*?\) /, ' … ').trim())).toEqual([
      expect.stringMatching(/^store 'changes' … is something else: its content cannot be read as this/),
      expect.stringMatching(/^store 'orders' … is new: it begins with nothing/),
      expect.stringMatching(/^store 'totals' … is gone: its state would be lost, so a start is refused/),
      expect.stringMatching(/^repartition 'shop-orders-by-customer-repartition' … is gone/),
    ])
  })

  it('says what a start would find on a server, and makes nothing there', async () => {
    const first = await there('plan', moduleOf('counts'), '--application', 'shop')
    expect(first.output).toContain("  topic 'shop-totals-changelog' would be made, with 2 partitions")
    await (await start()).close()
    expect((await there('plan', moduleOf('counts'), '--application', 'shop')).output).toContain(
      'The server has all that it needs.',
    )
    const others = async () =>
      JSON.parse((await there('plan', moduleOf('other-counts'), '--application', 'shop', '--json')).output) as {
        server: object
        plan: { stores: { name: string; partitions: number }[] }
      }
    // Nothing is lost with a changelog before anything was counted.
    expect((await others()).server).toMatchObject({ orphans: [] })
    const app = await start()
    await order(4)
    await counted(app, 4)
    await app.close()
    const printed = await others()
    expect(printed.plan.stores).toMatchObject([
      { name: 'changes', partitions: 2 },
      { name: 'orders', partitions: 2 },
    ])
    expect(printed.server).toMatchObject({
      missingSources: [],
      made: [{ topic: 'shop-orders-changelog', partitions: 2 }],
      otherCounts: [],
      orphans: [{ topic: 'shop-totals-changelog', store: 'totals' }],
    })
    await kafka.admin.deleteTopic('orders')
    const before = await topics()
    expect((await there('plan', moduleOf('counts'))).output).toContain("  topic 'orders' is not there, and is read")
    expect(await topics()).toEqual(before)
  })

  it('says what patterns match, and what would be made when they do', async () => {
    const plan = () => there('plan', moduleOf('patterns'), '--application', 'shop')
    const { output } = await plan()
    expect(output).toMatch(/^ {4}topics \/\^sales-\/$/m)
    expect(output).toContain('  pattern /^sales-/ matches no topic yet')
    expect(output).toMatch(/^ {2}topic 'shop-pattern-sales-\w{8}-tasks-repartition' would be made, with 1 partition$/m)
    expect(output).toMatch(/^ {2}topic 'shop-sales-changelog' would be made when a topic matches$/m)
    await kafka.admin.createTopic('sales-eu', { partitions: 3 })
    await kafka.admin.createTopic('sales-us', { partitions: 2 })
    const matched = (await plan()).output
    expect(matched).toContain("  pattern /^sales-/ matches 'sales-eu', 'sales-us'")
    expect(matched).toContain("  topic 'shop-sales-changelog' would be made, with 3 partitions")
  })

  it.each<[why: string, words: () => string[], complaint: RegExp]>([
    ['a module that is not there', () => ['nowhere.ts'], /^kafkado: nowhere\.ts: [^\n]*nowhere\.ts[^\n]*\n$/],
    [
      'a module without a topology',
      () => [moduleOf('no-topology')],
      /^kafkado: [^\n]* must export a function as default[^\n]*\n$/,
    ],
    [
      'no plan file',
      () => [moduleOf('counts'), '--plan-file', 'none.json'],
      /^kafkado: none\.json cannot be read: there is no such file\n$/,
    ],
  ])('ends with one line: %s', async (_why, words, complaint) => {
    const { code, output, errors } = await run('plan', ...words())
    expect(errors).toMatch(complaint)
    expect([code, output]).toEqual([1, ''])
  })
})

describe('streams reset', () => {
  it('lets the application begin anew, which then comes to the same', async () => {
    const app = await start()
    await order(10)
    const before = await counted(app, 10)
    await app.close()
    const { code, output, errors } = await there(
      'reset',
      '--application',
      'shop',
      '--intermediate-topics',
      'between',
      'totals',
    )
    expect([code, errors]).toEqual([0, ''])
    const lines = output
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll(/ {2,}/g, '  '))
    expect(lines.filter((line) => line.startsWith('orders'))).toEqual(['orders  0  0', 'orders  1  0'])
    expect(lines.filter((line) => line.startsWith('deleted'))).toEqual([
      'deleted topic shop-changes-changelog',
      'deleted topic shop-orders-by-customer-repartition',
      'deleted topic shop-totals-changelog',
    ])
    expect(lines.at(-1)).toMatch(/stateDirectory/)
    expect((await topics()).filter((topic) => topic.startsWith('shop'))).toEqual([])
    const again = await start()
    expect(await counted(again, 10)).toEqual(before)
    const changes = await again.query<number>('changes').entries()
    expect(changes.reduce((sum, [, count]) => sum + count, 0)).toBe(10)
    await again.close()
  })

  it('with --dry-run says what it would do, and does nothing', async () => {
    const app = await start()
    await order(4)
    await counted(app, 4)
    await app.close()
    const before = { topics: await topics(), committed: await committed() }
    const { output } = await there('reset', '--application', 'shop', '--to', 'latest', '--dry-run', '--json')
    const report = JSON.parse(output) as {
      isDryRun: boolean
      offsets: { topic: string; offset: number }[]
      deletedTopics: string[]
    }
    expect(report).toMatchObject({ application: 'shop', isDryRun: true, removedMembers: [] })
    expect(report.deletedTopics).toHaveLength(3)
    expect(report.offsets.filter(({ topic }) => topic === 'orders').reduce((sum, { offset }) => sum + offset, 0)).toBe(
      4,
    )
    expect({ topics: await topics(), committed: await committed() }).toEqual(before)
    const text = await there('reset', '--application', 'shop', '--dry-run')
    expect(text.output).toContain('would be deleted topic shop-totals-changelog')
  })

  it('is refused while there are members, unless it is forced', async () => {
    const app = await start()
    await order(2)
    await counted(app, 2)
    const before = await topics()
    const { code, errors } = await there('reset', '--application', 'shop')
    expect(errors).toMatch(/^kafkado: application 'shop' has 1 active member, which would go on [^\n]*\n$/)
    expect(code).toBe(1)
    expect(await topics()).toEqual(before)
    await app.close()
    // One that has died: nobody says for it that it leaves.
    await engine.send(consumerGroupHeartbeat, {
      groupId: 'shop',
      memberId: 'dead',
      memberEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ['orders'],
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: [],
    })
    expect((await there('reset', '--application', 'shop')).code).toBe(1)
    const forced = await there('reset', '--application', 'shop', '--force', '--json')
    expect(JSON.parse(forced.output)).toMatchObject({ removedMembers: ['dead'] })
    expect((await kafka.admin.describeGroup('shop')).members).toEqual([])
  })

  it('leaves alone what belongs to an application whose name only begins with this one', async () => {
    const app = await start()
    await order(2)
    await counted(app, 2)
    await app.close()
    const other = kafka.streams({ application: 'shop-window', commitInterval: 20 })
    other.stream('orders').groupByKey().count({ name: 'kept' }).to('changes')
    const running = await other.start()
    await there('reset', '--application', 'shop')
    expect((await topics()).filter((topic) => topic.startsWith('shop'))).toEqual(['shop-window-kept-changelog'])
    await running.close()
  })

  it('deletes no topic of which nothing tells whether it is its own, unless all are named', async () => {
    const [own, others] = ['shop-totals-changelog', 'shop-window-kept-changelog']
    for (const topic of [own, others]) await kafka.admin.createTopic(topic, { partitions: 1 })
    const { code, errors } = await there('reset', '--application', 'shop')
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(
        /^kafkado: nothing tells whether application 'shop' has made 'shop-totals-changelog', 'shop-window-kept-changelog', [^\n]*\n$/,
      ),
    ])
    const named = await there('reset', '--application', 'shop', '--internal-topics', own, '--json')
    expect(JSON.parse(named.output)).toMatchObject({ deletedTopics: [own] })
    expect((await topics()).filter((topic) => topic.startsWith('shop'))).toEqual([others])
    const foreign = await there('reset', '--application', 'shop', '--internal-topics', 'orders')
    expect(foreign.errors).toMatch(/^kafkado: there is no internal topic 'orders' of an application 'shop'\n$/)
  })

  it('deletes its own topics beside those of a longer name that has no group', async () => {
    const app = await start()
    await order(4)
    await counted(app, 4)
    await app.close()
    const others = 'shop-window-kept-changelog'
    await kafka.admin.createTopic(others, { partitions: 1 })
    const refused = await there('reset', '--application', 'shop')
    expect(refused.errors).toMatch(
      /^kafkado: nothing tells whether application 'shop' has made 'shop-window-kept-changelog', [^\n]*\n$/,
    )
    const own = (await topics()).filter((topic) => topic.startsWith('shop-') && topic !== others)
    expect(own).toHaveLength(3)
    expect((await there('reset', '--application', 'shop', '--internal-topics', ...own)).code).toBe(0)
    expect((await topics()).filter((topic) => topic.startsWith('shop'))).toEqual([others])
  })

  it.each<[why: string, words: string[], code: number, complaint: RegExp]>([
    ['nothing of it', ['--application', 'nobody'], 1, /there is nothing of an application 'nobody'/],
    ['no application', [], 2, /required option '--application <name>' not specified/],
    [
      'no position',
      ['--application', 'shop', '--to', 'soon'],
      1,
      /the position must be earliest, latest, an offset or a time, got 'soon'/,
    ],
  ])('ends with one line: %s', async (_why, words, expected, complaint) => {
    const { code, output, errors } = await there('reset', ...words)
    expect(errors).toMatch(complaint)
    expect(errors).toMatch(/^kafkado: [^\n]*\n$/)
    expect([code, output]).toEqual([expected, ''])
  })

  it('names a topic in between that the application has not read', async () => {
    await (await start()).close()
    const { code, errors } = await there('reset', '--application', 'shop', '--intermediate-topics', 'other')
    expect(errors).toMatch(/^kafkado: application 'shop' has read no topic 'other'; [^\n]*\n$/)
    expect(code).toBe(1)
  })
})
