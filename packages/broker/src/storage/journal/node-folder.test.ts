import fs from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@kafkado/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { NodeFolder } from './node-folder.ts'

const { writev } = fs
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-node-folder-'))
})
afterEach(async () => {
  fs.writev = writev
  syncBuiltinESMExports()
  await rm(folder, { recursive: true })
})

/** Each call writes at most the next of these counts; after the last one the disk is full. */
function writeOnly(counts: readonly number[]): void {
  let call = 0
  fs.writev = ((
    file: number,
    parts: Uint8Array[],
    position: number,
    done: (error: Error | null, written: number) => void,
  ) => {
    const most = counts[call++]
    const error = most === undefined ? Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }) : null
    const bytes = Buffer.concat(parts).subarray(0, most ?? 0)
    if (!error) fs.writeSync(file, bytes, 0, bytes.length, position)
    done(error, bytes.length)
  }) as typeof writev
  syncBuiltinESMExports()
}

it('writes all parts however little a disk takes at a time; what is spare may be missing, and nothing else', async () => {
  const random = seededRandom(1)
  const upTo = (most: number): number => 1 + Math.floor(random.next() * most)
  const list = <T>(most: number, make: () => T): T[] => Array.from({ length: upTo(most) - 1 }, make)
  const part = (): Uint8Array => new Uint8Array(upTo(20)).fill(upTo(255))
  const ends = { written: 0, full: 0, 'written without what is spare': 0 }
  for (let round = 0; round < 120; round++) {
    const [parts, spare, room] = [
      [part(), ...list(5, part)],
      random.next() < 0.5 ? part() : undefined,
      list(7, () => upTo(60)),
    ]
    const needed = Buffer.concat(parts)
    const all = Buffer.concat(spare ? [needed, spare] : [needed])
    const opened = new NodeFolder(folder).create('1.journal', 'appended')
    writeOnly(room)
    const isWritten = await opened.append(parts, 3, spare).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOSPC',
    )
    opened.close()
    expect(isWritten).toBe(room.reduce((sum, count) => sum + count, 0) >= needed.length)
    const found = (await readFile(join(folder, '1.journal'))).subarray(3)
    expect(all.subarray(0, found.length)).toEqual(found)
    if (isWritten) expect(found.length).toBeGreaterThanOrEqual(needed.length)
    ends[!isWritten ? 'full' : found.length < all.length ? 'written without what is spare' : 'written']++
  }
  for (const count of Object.values(ends)) expect(count).toBeGreaterThan(8)
})
