import { EventListeners } from '@kafkado/core/internal'
import type { RestoreProgress } from '../task/changelog/restoration.ts'

/**
 * `paused` is what `pause()` makes of `running`; while tasks are restored it is `restoring` all the same. `replacing`:
 * a member has failed, and another one takes its place, as `onUncaughtError` wants. `failed` and `closed` are the ends.
 */
export type StreamsState =
  | 'starting'
  | 'restoring'
  | 'running'
  | 'paused'
  | 'replacing'
  | 'closing'
  | 'closed'
  | 'failed'

/**
 * What an application tells. Each is published on the channel `kafkado:streams:NAME` of `node:diagnostics_channel` too,
 * with the name of the application.
 */
export interface StreamsEvents {
  /**
   * It has changed; `replacing` is told each time that a member fails, also where it is the state already.
   *
   * @param error why, where the state is `replacing` or `failed`
   */
  state: { readonly state: StreamsState; readonly previous: StreamsState; readonly error?: unknown }
  /**
   * It cannot go on, and has ended: its state is `failed`. Without a listener the error is thrown where nobody catches
   * it, as nothing else would tell.
   *
   * In any other state the error ends nothing: what a processor's `close()` has thrown when its partition went to
   * another member or the application was closed; that somebody has deleted a repartition topic, which was made again
   * without the records that were in it (`REPARTITION_TOPIC_DELETED`); or, in the state `closing`, why the last commit
   * has failed, whose records are processed again after the next start. What goes wrong while a failed application
   * closes is told after its failure. Such errors are thrown nowhere where nobody listens.
   */
  error: { readonly error: unknown }
  /** A store has come further on its way to the end of its changelog. */
  restore: RestoreProgress & { readonly task: string }
}

/** Hands the events of an application to those who listen. */
export function streamsEventsOf(application: string): EventListeners<StreamsEvents> {
  return new EventListeners('kafkado:streams:', { application })
}
