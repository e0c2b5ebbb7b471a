import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { embedded } from '@kafkado/broker'
import { backupFolder, restoreFolder, type VerifiedFolder, verifyFolder } from '@kafkado/broker/disk'
import { batch, Harness } from '@kafkado/testing/conformance'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fromSource, startProcess } from '../processes/child-processes.ts'
import type { Outcome, Step } from './without-rights.ts'

const script = fileURLToPath(new URL('without-rights.ts', import.meta.url))

let child: ChildProcessWithoutNullStreams
let answers: Interface
beforeAll(() => {
  child = startProcess(process.execPath, [fromSource, script])
  child.stderr.pipe(process.stderr)
  answers = createInterface({ input: child.stdout })
})
afterAll(() => void child.stdin.end())

let place = ''
let folder = ''
let backup = ''
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kafkado-read-only-'))
  // Whoever has no rights makes the copies here.
  await chmod(place, 0o777)
  folder = join(place, 'data')
  backup = join(place, 'backup')
})
afterEach(async () => {
  await setRights(place, true)
  await rm(place, { recursive: true })
})

const values = ['one', 'MARK', 'three']
const topic = 'kept'

/** Writes some records, and leaves the folder as a process does that ends by itself, or that is killed. */
async function leave(ending: 'closed' | 'killed'): Promise<void> {
  const live = ending === 'closed' ? folder : join(place, 'live')
  await using engine = embedded(live, { storage: 'journal' })
  const harness = new Harness(engine, 'read-only')
  for (const value of values) await harness.produce(topic, batch([{ value }]))
  // Another process has the lock of the one that lives.
  if (ending === 'killed')
    await cp(live, folder, { recursive: true, filter: (path) => !/lock|process-id/.test(path.slice(live.length)) })
}

function journalPath(name = '1.journal'): string {
  return join(folder, 'journal', name)
}

const states: Readonly<Record<string, () => Promise<void>>> = {
  closed: () => leave('closed'),
  killed: () => leave('killed'),
  'killed, with a write that was torn': async () => {
    await leave('killed')
    const path = journalPath()
    const bytes = await readFile(path)
    // A frame may end with some zeros.
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1
    const file = await open(path, 'r+')
    await file.write(Buffer.from('KFRM and then nothing that is a frame'), 0, 37, end + 64)
    await file.close()
  },
  'killed, with files that were begun': async () => {
    await leave('killed')
    for (const name of ['2.journal.new', '3.checkpoint.new']) await writeFile(journalPath(name), 'begun')
  },
  'without the note of what was acknowledged': async () => {
    await leave('closed')
    await rm(journalPath('acknowledged'))
  },
  'without a lock': async () => {
    await leave('closed')
    await rm(join(folder, 'lock'))
  },
}

/** Every file and folder below a path: how long it is, and when it was changed. */
async function listed(path: string): Promise<string[]> {
  const names = ['', ...(await readdir(path, { recursive: true }))]
  const stats = await Promise.all(names.map((name) => stat(join(path, name))))
  return stats.map(({ size, mtimeMs }, index) => `${names[index]} ${size} ${mtimeMs}`).sort()
}

async function setRights(path: string, isWritable: boolean): Promise<void> {
  const [ofFolder, ofFile] = isWritable ? [0o777, 0o666] : [0o555, 0o444]
  const found = await stat(path)
  await chmod(path, found.isDirectory() ? ofFolder : ofFile)
  if (found.isDirectory()) for (const name of await readdir(path)) await setRights(join(path, name), isWritable)
}

/** Does it as somebody who may change nothing of the folders. */
async function without(...steps: readonly Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const step of steps) {
    const answered = once(answers, 'line')
    child.stdin.write(`${JSON.stringify(step)}\n`)
    outcomes.push(JSON.parse(((await answered) as [string])[0]) as Outcome)
  }
  return outcomes
}

async function valuesIn(path: string): Promise<(string | null)[]> {
  await using engine = embedded(path)
  return await new Harness(engine, 'reader').values(topic)
}

describe.skipIf(process.platform === 'win32')('a folder to which nothing can be written', () => {
  it.each(Object.entries(states))('is verified, and copied, as it is: %s', async (_what, make) => {
    await make()
    await setRights(folder, false)
    const before = await listed(folder)
    const [verified, copied] = await without(['verify', folder], ['backup', folder, backup])
    expect(verified).toMatchObject({ done: { damaged: [] } })
    expect((verified as { done: VerifiedFolder }).done.verifiedBytes).toBeGreaterThan(300)
    expect(copied).toMatchObject({ done: { topics: 1, batches: 3, damaged: [] } })
    expect(await listed(folder)).toEqual(before)
    await setRights(backup, true)
    expect(await valuesIn(backup)).toEqual(values)
    // It was only read, so that whoever may write goes on with it.
    await setRights(folder, true)
    expect(await valuesIn(folder)).toEqual(values)
  })

  it('is verified though nothing was ever written to its journal', async () => {
    await mkdir(join(folder, 'journal'), { recursive: true })
    await setRights(folder, false)
    expect(await without(['verify', folder])).toEqual([{ done: { verifiedBytes: 0, damaged: [] } }])
  })

  it('is a backup from which can be restored', async () => {
    await leave('closed')
    await backupFolder(folder, backup)
    await setRights(backup, false)
    const restored = join(place, 'restored')
    const before = await listed(backup)
    expect(await without(['restore', backup, restored])).toMatchObject([{ done: { batches: 3 } }])
    expect(await listed(backup)).toEqual(before)
    await setRights(restored, true)
    expect(await valuesIn(restored)).toEqual(values)
    // As whoever may do everything does.
    expect(await restoreFolder(backup, join(place, 'again'))).toMatchObject({ batches: 3 })
  })

  it('says where it is damaged', async () => {
    await leave('closed')
    const path = journalPath()
    const bytes = await readFile(path)
    bytes[bytes.indexOf('MARK')]! ^= 1
    await writeFile(path, bytes)
    await setRights(folder, false)
    const damaged = [{ file: '1.journal', records: { topic, partition: 0, lastOffset: 1 } }]
    const both = await without(['verify', folder], ['backup', folder, backup])
    expect(both).toMatchObject([{ done: { damaged } }, { done: { damaged } }])
  })

  it('is not verified while an engine has it by another path; a backup takes no notice', async () => {
    await using engine = embedded(folder, { storage: 'journal' })
    const harness = new Harness(engine, 'read-only')
    for (const value of values) await harness.produce(topic, batch([{ value }]))
    await setRights(folder, false)
    const [verified, copied] = await without(['verify', folder], ['backup', folder, backup])
    expect(verified?.refused).toMatch(`is in use by process ${process.pid}`)
    expect(copied).toMatchObject({ done: { batches: 3 } })
    await harness.produce(topic, batch([{ value: 'more' }]))
    await setRights(folder, true)
  })

  it('is not opened by an engine, which says why', async () => {
    await leave('closed')
    await setRights(folder, false)
    const [opened] = await without(['open', folder])
    expect(opened).toMatchObject({ code: 'STORAGE' })
    expect(opened?.refused).toMatch(
      /^nothing can be written to the folder .* \(.*(readonly|permission).*\).*`kafkado data verify` and `kafkado data backup` work/,
    )
  })
})

it('changes nothing either where it could, when it is verified', async () => {
  await states['killed, with a write that was torn']?.()
  await writeFile(journalPath('2.journal.new'), 'begun')
  const journal = join(folder, 'journal')
  const before = await listed(journal)
  expect((await verifyFolder(folder)).damaged).toEqual([])
  expect(await listed(journal)).toEqual(before)
})
