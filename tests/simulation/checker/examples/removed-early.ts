import type { EventContent } from '../../history/history-event.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'
import { goneEarly } from './tombstones.ts'

const compacted = { cleanup: 'compact', minCompactionLagMs: 1000 } as const
const byAge = { hasRetention: true, retentionMs: 1000 } as const
const bySize = { hasRetention: true, retentionBytes: 300 } as const

interface Removed {
  readonly newestMs: number
  readonly keptBytes?: number
  readonly serverMs?: number
}

const removed = ({ newestMs, keptBytes = 0, serverMs = 2000 }: Removed, logStartOffset = 1): EventContent => ({
  type: 'records-removed',
  why: 'retention',
  topic,
  topicId,
  partition: 0,
  logStartOffset,
  removal: { newestMs, keptBytes, serverMs },
})
const asked = (logStartOffset: number): EventContent => ({
  type: 'records-removed',
  why: 'delete-records',
  topic,
  topicId,
  partition: 0,
  logStartOffset,
})
const configured = (setting: Partial<Extract<EventContent, { type: 'topic-configured' }>>): EventContent => ({
  type: 'topic-configured',
  topic,
  topicId,
  cleanup: 'delete',
  hasRetention: true,
  ...setting,
})
const setBack = { type: 'clock-set', clock: 'server', byMs: -9000, serverMs: 11_000 } as const

/** Two records of a key, of which the log has the second in the end. */
const replaced = (timestamp: number, serverMs: number, ...setting: Parameters<typeof story>): Story => {
  const common = { topic, producer: 'idempotent', key: 'k' } as const
  const there = { topic, topicId, partition: 0, outcome: 'ok' } as const
  return story(...setting)
    .add('p', { type: 'send', value: 'a', order: 0, timestamp, ...common })
    .add('p', { type: 'sent', value: 'a', offset: 0, timestamp, ...there })
    .add('p', { type: 'send', value: 'b', order: 1, timestamp, serverMs, ...common })
    .add('p', { type: 'sent', value: 'b', offset: 1, timestamp, ...there })
    .log('- b:none:k')
}

/** What is removed before its time. */
export const removedEarlyExamples: readonly Examples[] = [
  {
    kind: 'removed-early',
    found: {
      ...goneEarly.found,
      'a record is removed that is a millisecond too young': () =>
        story(byAge).add('disk', removed({ newestMs: 1000 })),
      'fewer bytes are left than are to be kept': () =>
        story(bySize).add('disk', removed({ newestMs: 0, keptBytes: 299 })),
      'neither age nor size allow it': () =>
        story({ ...byAge, ...bySize }).add('disk', removed({ newestMs: 1500, keptBytes: 100 })),
      'more is removed than somebody has asked for': () =>
        story(byAge)
          .add('admin', asked(1))
          .add('disk', removed({ newestMs: 1500 }, 2)),
      'only later it may be removed': () =>
        story(byAge)
          .add('disk', removed({ newestMs: 1500 }))
          .add('admin', configured({ retentionMs: 10 })),
      'the clock of the server was set forward after it': () =>
        story(byAge)
          .add('disk', removed({ newestMs: 1500 }))
          .add('server', { ...setBack, byMs: 9000 }),
      'compaction removes a record that is too young': () => replaced(500, 1499, compacted),
      'compaction removes one too young for the shorter of two lags': () =>
        replaced(500, 1499, { ...compacted, minCompactionLagMs: 5000 }).add(
          'admin',
          configured({ cleanup: 'compact', hasRetention: false, minCompactionLagMs: 1000 }),
        ),
    },
    legal: {
      ...goneEarly.legal,
      'a record is removed that is just old enough': () => story(byAge).add('disk', removed({ newestMs: 999 })),
      'as many bytes are left as are to be kept': () =>
        story(bySize).add('disk', removed({ newestMs: 0, keptBytes: 300 })),
      'age allows what size does not': () =>
        story({ ...byAge, ...bySize }).add('disk', removed({ newestMs: 900, keptBytes: 100 })),
      'size allows what age does not': () =>
        story({ ...byAge, ...bySize }).add('disk', removed({ newestMs: 1900, keptBytes: 300 })),
      'somebody has asked for it': () =>
        story(byAge)
          .add('admin', asked(2))
          .add('disk', removed({ newestMs: 1900 }, 2)),
      'somebody has asked for all of it': () =>
        story(byAge)
          .add('admin', asked(-1))
          .add('disk', removed({ newestMs: 1900 }, 9)),
      'it was decided before the clock of the server was set back': () =>
        story(byAge)
          .add('server', setBack)
          .add('disk', removed({ newestMs: 5000 })),
      'the settings have allowed it since': () =>
        story(byAge)
          .add('admin', configured({ retentionMs: 10 }))
          .add('disk', removed({ newestMs: 1500 })),
      'nobody has said what the topic may remove': () =>
        story(byAge).add('disk', { ...removed({ newestMs: 1500 }), topicId: 'o9' } as EventContent),
      'compaction removes a record that is just old enough': () => replaced(500, 1500, compacted),
      'compaction without a lag removes a record of the future': () =>
        replaced(9000, 1500, { ...compacted, minCompactionLagMs: 0 }),
      'nothing is compacted': () => replaced(500, 1499, compacted).log('a:none:k b:none:k'),
    },
  },
]
