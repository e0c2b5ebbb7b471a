import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

const place = { topic, topicId, partition: 0 }
const over = { type: 'final-polls-over' } as const
const healed = { type: 'healed' } as const
const killed = { type: 'killed' } as const
const close = { type: 'close', what: 'consumer', closeTimeoutMs: 1000 } as const
const closed = { type: 'closed', what: 'consumer' } as const
const timeouts = { sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 60_000 }

const seen = (marks: {
  readonly logStartOffset?: number
  readonly highWatermark?: number
  readonly lastStableOffset?: number
  readonly since?: number
}) => ({ type: 'watermarks', ...place, ...marks }) as const
const beat = (memberEpoch: number, sentEpoch = memberEpoch) =>
  ({ type: 'heartbeat', group: 'g', memberId: 'm', sentEpoch, memberEpoch, ...timeouts }) as const
const identity = (producerId: number, producerEpoch: number) =>
  ({ type: 'producer-id', transactionalId: 't', producerId, producerEpoch }) as const
const withMember = (groupEpoch: number) =>
  ({
    type: 'group-seen',
    group: 'g',
    groupEpoch,
    members: [{ memberId: 'm', memberEpoch: groupEpoch, assignment: [] }],
  }) as const
const open = (by = 'p'): Story => story().begins('t/1', by).sends('a', { in: 't/1', by, at: 0 })

/** What only goes forward, and what comes to an end. */
export const endings: readonly Examples[] = [
  {
    kind: 'watermark-back',
    found: {
      'the high watermark': () =>
        story()
          .add('server', seen({ highWatermark: 5 }))
          .add('server', seen({ highWatermark: 4 })),
      'the last stable offset': () =>
        story()
          .add('server', seen({ lastStableOffset: 5 }))
          .add('server', seen({ lastStableOffset: 4 })),
      'the log start offset': () =>
        story()
          .add('server', seen({ logStartOffset: 5 }))
          .add('server', seen({ logStartOffset: 4 })),
      'over a crash': () =>
        story()
          .add('server', seen({ highWatermark: 5 }))
          .add('disk', { type: 'crash', what: 'storage' })
          .add('server', seen({ highWatermark: 4 })),
      'in the end': () =>
        story()
          .add('server', seen({ highWatermark: 1 }))
          .log(''),
      'the last stable offset is ahead': () => story().add('server', seen({ highWatermark: 4, lastStableOffset: 5 })),
      'the log start offset is ahead': () => story().add('server', seen({ highWatermark: 4, logStartOffset: 5 })),
    },
    legal: {
      'a mark that is not known': () =>
        story()
          .add('server', seen({ logStartOffset: 5, highWatermark: 5 }))
          .add('server', seen({ logStartOffset: -1, lastStableOffset: -1 })),

      'they go on': () =>
        story()
          .add('server', seen({ logStartOffset: 0, lastStableOffset: 2, highWatermark: 4 }))
          .add('server', seen({ logStartOffset: 4, lastStableOffset: 4, highWatermark: 4 })),
      'of two partitions': () =>
        story()
          .add('server', seen({ highWatermark: 5 }))
          .add('server', { ...seen({ highWatermark: 4 }), partition: 1 }),
      'of the topic that has the name now': () =>
        story()
          .add('server', seen({ highWatermark: 5 }))
          .creates({ topicId: 'o2' })
          .add('server', { ...seen({ highWatermark: 0 }), topicId: 'o2' }),
      'an answer is overtaken': () =>
        story()
          .add('server', seen({ highWatermark: 5 }))
          .add('server', seen({ highWatermark: 4, since: 1 })),
    },
  },
  {
    kind: 'epoch-back',
    found: {
      'of a member': () => story().add('server', beat(5)).add('server', beat(4)),
      'of a member that joins again': () => story().add('server', beat(5)).add('server', beat(4, 0)),
      'as a member says it': () =>
        story()
          .add('m', { type: 'heartbeat-sent', consumer: 'M', group: 'g', memberId: 'm', memberEpoch: 5 })
          .add('m', { type: 'heartbeat-sent', consumer: 'M', group: 'g', memberId: 'm', memberEpoch: 4 }),
      'of a group': () =>
        story()
          .add('server', withMember(5))
          .add('server', { type: 'group-seen', group: 'g', groupEpoch: 4, members: [] }),
      'of a group while another one is deleted': () =>
        story()
          .add('server', withMember(5))
          .add('admin', { type: 'group-deleted', group: 'h' })
          .add('server', withMember(4)),
      'of a group that was to be deleted and has members': () =>
        story()
          .add('server', withMember(5))
          .add('admin', { type: 'offsets-reset', group: 'g', offsets: [] })
          .add('server', withMember(4)),
      'of a producer': () => story().add('server', identity(7, 2)).add('server', identity(7, 1)),
      'of a producer, asked for when the newer one was answered': () =>
        story()
          .add('server', identity(7, 2))
          .add('server', { ...identity(7, 1), since: 2 }),
      'of a producer, after an answer was overtaken': () =>
        story()
          .add('server', identity(7, 4))
          .add('server', { ...identity(7, 2), since: 1 })
          .add('server', { ...identity(7, 3), since: 3 }),
    },
    legal: {
      'they go on': () => story().add('server', beat(5)).add('server', beat(5)).add('server', beat(6)),
      'a member leaves and joins': () =>
        story()
          .add('server', beat(5))
          .add('m', { type: 'heartbeat-sent', consumer: 'M', group: 'g', memberId: 'm', memberEpoch: 5 })
          .add('m', { type: 'heartbeat-sent', consumer: 'M', group: 'g', memberId: 'm', memberEpoch: -1 })
          .add('server', beat(-1))
          .add('m', { type: 'heartbeat-sent', consumer: 'M', group: 'g', memberId: 'm', memberEpoch: 0 })
          .add('server', beat(6, 0)),
      'of two members': () =>
        story()
          .add('server', beat(5))
          .add('server', { ...beat(4), memberId: 'n' }),
      'a group that was forgotten begins anew': () =>
        story()
          .add('server', { type: 'group-seen', group: 'g', groupEpoch: 5, members: [] })
          .add('server', { type: 'group-seen', group: 'g', groupEpoch: 1, members: [] }),
      'a group whose member has left was deleted, and another one joins': () =>
        story()
          .add('server', withMember(5))
          .add('admin', { type: 'group-deleted', group: 'g' })
          .add('server', withMember(3)),
      'a member joins a group that was deleted once more, by a request that was late': () =>
        story()
          .add('server', beat(5))
          .add('admin', { type: 'group-deleted', group: 'g' })
          .add('server', { ...beat(1), sentEpoch: 0 }),
      'an answer for a producer is overtaken': () =>
        story()
          .add('server', identity(7, 4))
          .add('server', { ...identity(7, 2), since: 1 }),
      'a group is seen in an answer that is overtaken': () =>
        story()
          .add('server', withMember(5))
          .add('server', { ...withMember(4), since: 1 }),
      'a group is seen that is deleted meanwhile, and begins anew': () =>
        story()
          .add('server', withMember(5))
          .add('admin', { type: 'group-deleted', group: 'g' })
          .add('server', { ...withMember(5), since: 2 })
          .add('server', withMember(1)),
      'another producer id': () => story().add('server', identity(7, 2)).add('server', identity(8, 0)),
    },
  },
  {
    kind: 'stuck-last-stable-offset',
    found: {
      'of a producer that was killed': () =>
        open().add('p', killed).add('world', healed).log('a:open', { lastStableOffset: 0 }),
      'of a transaction that has ended for its producer': () =>
        open()
          .ending('t/1', 'abort')
          .ended('t/1', 'unknown')
          .add('world', healed)
          .log('a:open', { lastStableOffset: 0 }),
    },
    legal: {
      'it has come to the high watermark': () => open().add('p', killed).add('world', healed).log('a:aborted -'),
      'things go wrong still': () => open().add('p', killed).log('a:open', { lastStableOffset: 0 }),
      'a living producer is in its transaction': () =>
        open().add('world', healed).log('a:open', { lastStableOffset: 0 }),
    },
  },
  {
    kind: 'late-close',
    found: {
      'the event loop of another process stood still': () =>
        story().add('c', close).add('d', { type: 'stalled', forMs: 1000 }).after(1900).add('c', closed),

      'it took too long': () => story().add('c', close).after(1500).add('c', closed),
      'it never ended': () => story().add('c', close).after(1500).add('world', healed),
      'another client closed in time': () => story().add('c', close).add('d', closed).after(1500).add('c', closed),
      'the second time': () =>
        story().add('c', close).after(500).add('c', closed).add('c', close).after(1500).add('c', closed),
      'it stood still only after its time': () =>
        story().add('c', close).after(1500).add('c', { type: 'stalled', forMs: 1000 }).after(1000).add('c', closed),
    },
    legal: {
      'in its time': () => story().add('c', close).after(1000).add('c', closed),
      'in its time, with an error': () =>
        story()
          .add('c', close)
          .after(1000)
          .add('c', { ...closed, error: 'the last commit failed' }),
      'it is killed meanwhile': () =>
        story().add('c', close).after(500).add('c', killed).after(5000).add('world', healed),
      'its event loop stood still': () =>
        story().add('c', close).add('c', { type: 'stalled', forMs: 1000 }).after(1900).add('c', closed),
      'the history ends before its time': () => story().add('c', close).after(500).add('world', healed),
    },
  },
  {
    kind: 'standing-still',
    found: {
      'a send is never settled': () => story().send('a').add('world', over),
      'a transaction never ends': () => story().begins('t/1').add('world', over),
      'the end of a transaction is never told': () => story().begins('t/1').ending('t/1', 'commit').add('world', over),
      'a call never ends': () => story().add('c', { type: 'began', what: 'reading' }).add('world', over),
      'the second of two calls never ends': () =>
        story()
          .add('c', { type: 'began', what: 'reading' })
          .add('c', { type: 'finished', what: 'reading', outcome: 'ok' })
          .add('c', { type: 'began', what: 'reading' })
          .add('world', over),
      'the call of another process ends': () =>
        story()
          .add('c', { type: 'began', what: 'reading' })
          .add('d', { type: 'finished', what: 'reading', outcome: 'ok' })
          .add('world', over),
    },
    legal: {
      'all have ended': () =>
        story()
          .sends('a', { outcome: 'failed' })
          .begins('t/1')
          .aborts('t/1')
          .add('c', { type: 'began', what: 'reading' })
          .add('c', { type: 'finished', what: 'reading', outcome: 'failed' })
          .add('world', over),
      'their processes were killed': () =>
        story()
          .send('a')
          .begins('t/1')
          .add('p', { type: 'began', what: 'reading' })
          .add('p', killed)
          .add('world', over),
      'the history ends before the final polls': () =>
        story().send('a').begins('t/1').add('c', { type: 'began', what: 'reading' }),
      'it began after the final polls': () => story().add('world', over).add('c', { type: 'began', what: 'reading' }),
    },
  },
  {
    kind: 'unhandled-rejection',
    found: {
      'nobody handles it': () => story().add('c', { type: 'unhandled-rejection', error: 'TimeoutError' }),
    },
    legal: {
      'a call fails': () =>
        story()
          .add('c', { type: 'began', what: 'reading' })
          .add('c', { type: 'finished', what: 'reading', outcome: 'failed', error: 'TimeoutError' }),
    },
  },
]
