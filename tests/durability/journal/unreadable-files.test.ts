import { StorageChanges } from '@kafkado/broker/storage'
import { seededRandom } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { open, smallLimits } from './journal-cuts.ts'
import { SimulatedFolder } from './simulated-folder.ts'

const fileBytes = smallLimits.fileBytes?.(0) as number

describe('a journal file that the disk does not give out', () => {
  it.each(['read', 'open'])(
    '(%s) stays as it is when others are cleaned: everything is written, the rest given back',
    async (failing) => {
      const random = seededRandom(7)
      let isFailing = false
      const fail = (call: string, name: string): void => {
        if (isFailing && call === failing && name.startsWith('1.journal'))
          throw Object.assign(new Error(`EIO: i/o error, ${call}`), { code: 'EIO', errno: -5, syscall: call })
      }
      class FailingFolder extends SimulatedFolder {
        override open(...[name, kind]: Parameters<SimulatedFolder['open']>) {
          fail('open', name)
          return super.open(name, kind)
        }
      }
      const onRead = (kind: string, name: string): void => fail(kind === 'async' ? 'read' : 'read at once', name)
      const disk = new FailingFolder(random, { onRead })
      const storage = open(disk, random)
      await storage.open()
      const expected = new Map<number, number>()
      const batchBytes = Math.floor(fileBytes / 20)
      for (let offset = 0; offset < 200; offset++) {
        const changes = new StorageChanges()
        changes.batches.push({ logId: 1, lastOffset: offset, bytes: new Uint8Array(batchBytes).fill(offset) })
        expected.set(offset, batchBytes)
        // Of three in a row one stays, so that every file has to be cleaned.
        for (const old of [offset - 30, offset - 29]) {
          if (offset % 3 !== 0 || old < 0) continue
          changes.replacedBatches.push({ logId: 1, lastOffset: old, bytes: null })
          expected.delete(old)
        }
        await storage.commit(changes)
        if (offset === 25) isFailing = true
        if (offset % 50 === 49) await storage.reclaim()
      }
      expect(storage.failure).toBeUndefined()
      const names = [...disk.contents().keys()].filter((name) => name.endsWith('.journal'))
      expect(names).toContain('1.journal')
      // The others were cleaned.
      expect(names).not.toContain('2.journal')
      const live = [...expected.values()].reduce((sum, length) => sum + length, 0)
      expect(storage.readBatches(1, 0, 1000, Number.MAX_SAFE_INTEGER, true)).toHaveLength(live)
      await storage.close()
      isFailing = false
      const again = open(new SimulatedFolder(random, {}, disk.contents()), random)
      await again.open()
      expect(again.readBatches(1, 0, 1000, Number.MAX_SAFE_INTEGER, true)).toHaveLength(live)
      await again.close()
    },
  )
})
