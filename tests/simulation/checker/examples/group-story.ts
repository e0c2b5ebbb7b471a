import type { EventOf } from '../../history/history-event.ts'
import type { OffsetOf } from '../../history/record-events.ts'
import { Story, topic, topicId } from './story.ts'

export const timeouts = { sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 60_000 }
export const places = (...partitions: readonly number[]) =>
  partitions.map((partition) => ({ topic, topicId, partition }))
export const offsets = (offset: number, partition = 0) => [{ topic, topicId, partition, offset }]

type Beat = Partial<
  Pick<
    EventOf<'heartbeat'>,
    'since' | 'arrival' | 'owned' | 'assignment' | 'error' | 'instanceId' | 'memberEpoch' | 'sentEpoch'
  >
>

/** A story of the group `g`, whose consumers are named as their members are, in capitals. */
export class GroupStory extends Story {
  beats(memberId: string, beat: Beat = {}): this {
    const answered = beat.error === undefined ? { memberEpoch: 1 } : {}
    return this.add('server', {
      type: 'heartbeat',
      group: 'g',
      memberId,
      sentEpoch: 1,
      ...timeouts,
      ...answered,
      ...beat,
    })
  }

  says(memberId: string, owned?: EventOf<'heartbeat'>['owned'], memberEpoch = 1): this {
    const consumer = memberId.toUpperCase()
    return this.add(memberId, {
      type: 'heartbeat-sent',
      consumer,
      group: 'g',
      memberId,
      memberEpoch,
      ...(owned && { owned }),
    })
  }

  tells(type: 'assigned' | 'revoked' | 'lost', memberId: string, ...partitions: readonly number[]): this {
    const told = {
      consumer: memberId.toUpperCase(),
      group: 'g',
      memberId,
      session: 1,
      partitions: places(...partitions),
    }
    return this.add(memberId, { type, ...told })
  }

  commit(commit: number, by: string, offset: number, more: Partial<EventOf<'commit'>> = {}): this {
    const consumer = by.toUpperCase()
    const asked = {
      commit,
      consumer,
      group: 'g',
      memberId: by,
      memberEpoch: 1,
      how: 'manual',
      offsets: offsets(offset),
    } as const
    return this.add(by, { type: 'commit', ...asked, ...more })
  }

  takes(memberId: string, offset: number, more: Partial<EventOf<'commit-taken'>> = {}): this {
    return this.add('server', {
      type: 'commit-taken',
      group: 'g',
      memberId,
      memberEpoch: 1,
      offsets: offsets(offset),
      ...more,
    })
  }

  /** The storage fails with it, or the process dies. */
  leaves(memberId: string, offset: number, more: Partial<EventOf<'commit-unsettled'>> = {}): this {
    return this.add('server', {
      type: 'commit-unsettled',
      group: 'g',
      memberId,
      memberEpoch: 1,
      offsets: offsets(offset),
      ...more,
    })
  }

  answers(commit: number, outcome: 'ok' | 'failed' | 'unknown' = 'ok', by = 'm'): this {
    return this.add(by, { type: 'commit-answered', commit, outcome })
  }

  /** The group refuses one partition of a commit and takes the others. */
  refuses(commit: number, partition: number, outcome: 'failed' | 'unknown' = 'failed'): this {
    return this.add('m', { type: 'commit-answered', commit, outcome, refused: [{ topic, partition }] })
  }

  /** A call that commits, with what is told between it and its end. */
  calls(
    offset: number,
    outcome: 'ok' | 'failed' | 'unknown',
    tell: (story: this) => this,
    call = 0,
    end: { readonly error?: string } = {},
  ): this {
    const [place] = offsets(offset)
    this.add('m', { type: 'commit-called', call, consumer: 'M', group: 'g', place: place as OffsetOf })
    return tell(this).add('m', { type: 'commit-returned', call, outcome, ...end })
  }

  /** A second call is under way while the first one ends. */
  callsTogether(
    outcome: 'failed' | 'unknown',
    first: (story: this) => this,
    rest: (story: this) => this,
    end: { readonly error?: string } = {},
  ): this {
    const [place] = offsets(9)
    const second = { call: 1, consumer: 'M', group: 'g', place: place as OffsetOf, mayStopBefore: true } as const
    this.calls(5, outcome, (story) => first(story.add('m', { type: 'commit-called', ...second })), 0, end)
    return rest(this).add('m', { type: 'commit-returned', call: 1, outcome: 'ok' })
  }

  holds(offset: number, more: Pick<EventOf<'committed'>, 'since'> = {}): this {
    return this.add('server', { type: 'committed', group: 'g', offsets: offsets(offset), ...more })
  }

  gives(records: string, by = 'm', more: Parameters<Story['reads']>[1] = {}): this {
    return this.reads(records, { by: by.toUpperCase(), group: 'g', ...more })
  }

  done(offset: number, by = 'm'): this {
    return this.add(by, {
      type: 'processed',
      consumer: by.toUpperCase(),
      group: 'g',
      session: 1,
      records: offsets(offset),
    })
  }
}
