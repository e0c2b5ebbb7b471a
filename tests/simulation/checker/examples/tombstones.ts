import type { EventContent } from '../../history/history-event.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

const compacted = { cleanup: 'compact', minCompactionLagMs: 0, deleteRetentionMs: 1000 } as const

/** A value of a key and its tombstone. */
const deleted = (setting: Parameters<typeof story>[0] = compacted): Story => {
  const common = { topic, producer: 'idempotent', key: 'k' } as const
  const there = { topic, topicId, partition: 0, outcome: 'ok' } as const
  return story(setting)
    .add('p', { type: 'send', value: 'a', order: 0, ...common })
    .add('p', { type: 'sent', value: 'a', offset: 0, ...there })
    .add('p', { type: 'send', value: 't', order: 1, isTombstone: true, ...common })
    .add('p', { type: 'sent', value: 't', offset: 1, ...there })
}

interface Gone {
  readonly since?: number
  readonly keptMs?: number
  readonly serverMs?: number
  readonly key?: string
}

/** The tombstone goes; if nothing else is said, when its time is just over. */
const gone = ({ since = 5, keptMs = 5000, serverMs = 6000, key = 'k' }: Gone = {}): EventContent => ({
  type: 'tombstone-removed',
  topic,
  topicId,
  partition: 0,
  offset: 1,
  key,
  since,
  keptMs,
  serverMs,
})
const set = (serverMs: number, byMs: number, clock = 'server'): EventContent => ({
  type: 'clock-set',
  clock,
  byMs,
  serverMs,
})
const begins = (consumer: string): EventContent => ({
  type: 'reading',
  consumer,
  topics: [topic],
  isolation: 'read_committed',
  from: 'earliest',
  isToSeeAll: false,
})
const nothing = { highWatermark: 2 } as const

/** Tombstones that go too early. */
export const goneEarly: Examples = {
  kind: 'removed-early',
  found: {
    'a tombstone goes a millisecond too early': () =>
      deleted()
        .add('disk', gone({ serverMs: 5999 }))
        .log('', nothing),
    'a tombstone goes too early for the shorter of two settings': () =>
      deleted({ ...compacted, deleteRetentionMs: 9000 })
        .add('admin', { type: 'topic-configured', topic, topicId, hasRetention: false, ...compacted })
        .add('disk', gone({ since: 6, serverMs: 5999 }))
        .log('', nothing),
    'the clock of the server was set forward before the tombstone came': () =>
      deleted()
        .add('server', set(1000, 9000))
        .add('disk', gone({ since: 6, serverMs: 5999 }))
        .log('', nothing),
    'the clock of the server was set forward after the tombstone went': () =>
      deleted()
        .add('disk', gone({ serverMs: 5999 }))
        .add('server', set(6000, 9000))
        .log('', nothing),
    'the clock of the server was set back while the tombstone was there': () =>
      deleted()
        .add('server', set(5500, -3000))
        .add('disk', gone({ serverMs: 3400 }))
        .log('', nothing),
    'the clock of somebody else was set forward': () =>
      deleted()
        .add('p', set(5000, 9000, 'p'))
        .add('disk', gone({ serverMs: 5999 }))
        .log('', nothing),
  },
  legal: {
    'a tombstone goes when it may': () => deleted().add('disk', gone()).log('', nothing),
    'a tombstone goes though the one who sent it was never answered': () =>
      story(compacted)
        .add('p', { type: 'send', value: 't', order: 0, topic, producer: 'idempotent', key: 'k', isTombstone: true })
        .add('disk', { ...gone({ since: 1 }), offset: 0 } as EventContent)
        .log('', { highWatermark: 1 }),
    'a tombstone goes when the clock of the server was set forward': () =>
      deleted()
        .add('server', set(5100, 900))
        .add('disk', gone({ serverMs: 6000 }))
        .log('', nothing),
    'a tombstone is cleaned after the clock was set back, and goes by that': () =>
      deleted()
        .add('server', set(5500, -3000))
        .add('disk', gone({ serverMs: 3500 }))
        .log('', nothing),
    'a tombstone goes before the clock is set back': () =>
      deleted()
        .add('server', set(6000, -3000))
        .add('disk', gone({ serverMs: 3100 }))
        .log('', nothing),
    'the settings allow it at last': () =>
      deleted()
        .add('admin', {
          type: 'topic-configured',
          topic,
          topicId,
          hasRetention: false,
          ...compacted,
          deleteRetentionMs: 500,
        })
        .add('disk', gone({ since: 6, serverMs: 5500 }))
        .log('', nothing),
    'a tombstone stays': () => deleted().log('- t:none:k'),
  },
}

/** Values that are back when their tombstones have gone. */
export const resurrected: Examples = {
  kind: 'resurrected-key',
  found: {
    'a value lies in the log that a tombstone has deleted which is gone': () =>
      deleted().add('disk', gone()).log('a:none:k -'),
    'who begins afterwards is given the value': () =>
      deleted().add('disk', gone()).add('c', begins('c')).reads('a@0').log('', nothing),
    'who begins anew afterwards is given it again': () =>
      deleted()
        .add('c', begins('c'))
        .reads('a@0')
        .add('disk', gone({ since: 7 }))
        .add('c', begins('c'))
        .reads('a@0')
        .log('', nothing),
  },
  legal: {
    'value and tombstone are gone': () => deleted().add('disk', gone()).log('', nothing),
    'both are there, as nothing was cleaned': () => deleted().log('a:none:k t:none:k'),
    'a later value is there': () => deleted().sends('b', { by: 'q', key: 'k', at: 2 }).log('- - b:none:k'),
    'the value of another key is there': () =>
      deleted().sends('b', { by: 'q', key: 'other', at: 2 }).add('disk', gone()).log('- - b:none:other'),
    'a value came when the tombstone was gone': () =>
      deleted().add('disk', gone()).sends('b', { by: 'q', key: 'k', at: 2 }).log('- - b:none:k'),
    'who has begun before is given what was fetched before': () =>
      deleted()
        .add('c', begins('c'))
        .add('disk', gone({ since: 6 }))
        .reads('a@0')
        .log('', nothing),
    'who begins afterwards is given what came after it': () =>
      deleted()
        .add('disk', gone())
        .sends('b', { by: 'q', key: 'k', at: 2 })
        .add('c', begins('c'))
        .reads('b@2')
        .log('- - b:none:k'),
    'the tombstone may not be there, as nobody was told so': () =>
      story(compacted)
        .sends('a', { key: 'k', at: 0 })
        .add('p', { type: 'send', value: 't', order: 1, topic, producer: 'idempotent', key: 'k', isTombstone: true })
        .sent('t', { outcome: 'unknown' })
        .log('a:none:k'),
    'the topic was deleted': () =>
      deleted().add('admin', { type: 'topic-deleted', topic, topicId }).log('a:none:k', nothing),
  },
}
