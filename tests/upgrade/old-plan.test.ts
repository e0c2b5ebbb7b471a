import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded } from '@kafkado/broker'
import { InvalidRequestError } from '@kafkado/core'
import { sessionWindow, type StreamsBuilder, type StreamsOptions, tumblingWindow } from '@kafkado/streams'
import { type Plan, planChanges } from '@kafkado/streams/internal'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileOf, versions } from './kept-folders.ts'
import { unpackFolder } from './packed-folder.ts'
import { after, application, before, build, run } from './streams-content.ts'

type Build = (s: StreamsBuilder) => unknown

const [plain, windowed] = ['clicks-count', 'clicks-count-tumbling-1m']
const joined = ['clicks-visits-join-left', 'clicks-visits-join-right']
const stores = [plain, windowed, ...joined]

const clicks = (s: StreamsBuilder) => s.stream<string>('clicks').groupByKey()
/** The parts of what was written, under names that are given. */
const count: Build = (s) => clicks(s).count({ name: plain })
const countWindowed: Build = (s) => clicks(s).window(tumblingWindow('1m')).count({ name: windowed })
const joinVisits: Build = (s) =>
  s.stream('clicks').join(s.stream('visits'), { window: '1m', grace: '1h', name: 'clicks-visits-join' })

/** Stores that are called as before, and are something else. */
const otherShapes: Readonly<Record<string, readonly [store: string, ...parts: readonly Build[]]>> = {
  'windows of another length': [
    windowed,
    count,
    joinVisits,
    (s) => clicks(s).window(tumblingWindow('1h')).count({ name: windowed }),
  ],
  'windows where there were none': [
    plain,
    countWindowed,
    joinVisits,
    (s) => clicks(s).window(tumblingWindow('1m')).count({ name: plain }),
  ],
  'no windows where there were some': [windowed, count, joinVisits, (s) => clicks(s).count({ name: windowed })],
  'sessions where there were windows': [
    windowed,
    count,
    joinVisits,
    (s) => clicks(s).window(sessionWindow('1m')).count({ name: windowed }),
  ],
  'counts where there was a join': [
    'clicks-visits-join-left',
    count,
    countWindowed,
    ...joined.map(
      (name): Build =>
        (s) =>
          clicks(s).count({ name }),
    ),
  ],
}

describe.each(versions)('the plan file of an application whose state %s wrote', (version) => {
  let folder: string
  let kafka: KafkaClient
  let old: Plan

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kafkado-old-plan-'))
    await unpackFolder(await fileOf(version, 'streams.folder'), folder)
    old = await planIn(join(state(), application, 'plan.json'))
    kafka = new KafkaClient(embedded(join(folder, 'data'), { cleanupInterval: '365d' }))
  })

  afterEach(async () => {
    await kafka.close()
    await rm(folder, { recursive: true })
  })

  const state = (): string => join(folder, 'state')
  const planIn = async (path: string): Promise<Plan> => JSON.parse(await readFile(path, 'utf8')) as Plan

  const startAndClose = async (topology: Build, options: StreamsOptions = {}): Promise<void> => {
    const builder = kafka.streams({ application, stateDirectory: state(), guarantee: 'exactly-once', ...options })
    topology(builder)
    await (await builder.start()).close()
  }

  const goesOn = async (): Promise<void> => {
    const expected = [...before.results, ...after.results]
    const results = await run(kafka, state(), after, expected.length)
    expect(results.sort()).toEqual(expected.sort())
  }

  it('says what the same application plans now, under the same names', async () => {
    const planFile = join(folder, 'now.json')
    await startAndClose(build, { planFile })
    const now = await planIn(planFile)
    expect(planChanges(old, now)).toEqual([])
    expect(now).toMatchObject(old)
    expect(old.stores.map(({ name }) => name).sort()).toEqual([...stores].sort())
  })

  it.each(Object.entries(otherShapes))('refuses %s, and leaves all as it was', async (_what, [store, ...parts]) => {
    const refused = startAndClose((s) => parts.forEach((part) => part(s)))
    await expect(refused).rejects.toBeInstanceOf(InvalidRequestError)
    await expect(refused).rejects.toThrow(
      new RegExp(`store '${store}' was something else at the last start.*dropState: \\['${store}'\\]`),
    )
    await goesOn()
  })

  it.each(stores)('misses the changelog of %s, when no commit tells of it any more', async (store) => {
    await kafka.admin.deleteGroup(application)
    await kafka.admin.deleteTopic(`${application}-${store}-changelog`)
    await expect(startAndClose(build)).rejects.toThrow(
      new RegExp(`has lost the changelog of store '${store}'.*dropState: \\['${store}'\\]`),
    )
    await startAndClose(build, { dropState: [store] })
  })

  it('says what each store was for that would be lost', async () => {
    const purposes = Object.fromEntries(old.stores.map(({ name, purpose }) => [name, purpose]))
    await expect(startAndClose((s) => s.stream('clicks').to('results'))).rejects.toThrow(
      new RegExp(
        [...stores]
          .sort()
          .map((name) => `store '${name}' \\(${purposes[name]}\\)`)
          .join('.*'),
      ),
    )
  })
})
