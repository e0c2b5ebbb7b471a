import { StorageError } from '@kafkado/core'
import { parseManifest } from '../../../packages/broker/src/folder/backup-manifest.ts'
import { checkLmdbPages } from '../../../packages/broker/src/storage/lmdb/lmdb-file.ts'
import { memberIn } from '../../../packages/consumer/src/group/tab-members.ts'
import { createStreamsBuilder } from '../../../packages/streams/src/create-streams-builder.ts'
import { InternalNames } from '../../../packages/streams/src/graph/internal-names.ts'
import { parsePlan } from '../../../packages/streams/src/plan/parse-plan.ts'
import { planChanges } from '../../../packages/streams/src/plan/plan-changes.ts'
import { planOf } from '../../../packages/streams/src/plan/plan.ts'
import { noTransport } from '../../vectors/no-transport.ts'
import { changeJson } from '../json-change.ts'
import { decoded, expect, isRefused, refusal, type Target } from '../target.ts'

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const decoder = new TextDecoder()

function planNow(): ReturnType<typeof planOf> {
  const s = createStreamsBuilder(noTransport)
  s.stream<string>('in')
    .groupBy((value) => value)
    .count()
    .to('out')
  return planOf(s.topology(), new InternalNames('app'), 'app', new Map([['in', 2]]))
}

const now = planNow()
const manifest = { format: 1, createdAt: 5, topics: 1, partitions: 2, batches: 3, bytes: 4, checksums: { a: 'b' } }

/** JSON that is kept beside the data: the manifest of a backup, the plan of an application, the members of a tab. */
export const keptTexts: Target = {
  name: 'kept-texts',
  sources: ['backup-manifest', 'parse-plan', 'plan-changes', 'tab-members'],
  seeds: [manifest, now, { group: 'g', memberId: 'm', instanceId: null }].map(text),
  change: changeJson,
  run(input) {
    const given = decoder.decode(input)
    const plan = decoded(() => parsePlan(given, 'plan.json'))
    const changes = isRefused(plan) ? [] : planChanges(plan, now)
    for (const { name, consequence } of changes)
      expect(typeof name === 'string' && consequence.length > 0, 'a change says nothing')
    const member = memberIn(given)
    expect(member === undefined || typeof member.memberId === 'string', 'a member of a tab has no id')
    return [decoded(() => parseManifest(given, 'backup')), plan, changes, member]
  },
}

const headBytes = 160
/** Two pages of a file of LMDB: what they say is little-endian. */
function pages(lastPage: bigint, transactions: readonly [bigint, bigint]): Uint8Array {
  const bytes = new Uint8Array(8192)
  const view = new DataView(bytes.buffer)
  transactions.forEach((transaction, index) => {
    view.setUint32(index * 4096 + 24, 0xbe_ef_c0_de, true)
    view.setUint32(index * 4096 + 48, 4096, true)
    view.setBigUint64(index * 4096 + 144, lastPage, true)
    view.setBigUint64(index * 4096 + 152, transaction, true)
  })
  return bytes
}

/** The two first pages of a file of LMDB, which would end the process if it were not as they say. */
export const lmdbPages: Target = {
  name: 'lmdb-pages',
  sources: ['lmdb-file'],
  seeds: [pages(1n, [4n, 5n]), pages(1n, [6n, 5n]), pages(40n, [4n, 5n])],
  run(input) {
    const read = (position: number): Promise<Uint8Array> => {
      const head = new Uint8Array(headBytes)
      head.set(input.subarray(position, position + headBytes))
      return Promise.resolve(head)
    }
    return checkLmdbPages('data.mdb', input.length, read).then(
      () => 'sound',
      (error: unknown) => refusal(error, [StorageError]),
    )
  },
}
