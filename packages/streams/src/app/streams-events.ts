import { EventListeners } from '@kafkado/core/internal'
import type { RestoreProgress } from '../task/changelog/restoration.ts'

/**
 * `paused` replaces `running` after `pause()`; while tasks are restored, the state is `restoring` in any case.
 * `replacing`: a member has failed and a new one replaces it, as `onUncaughtError` decided. `failed` and `closed` are
 * final.
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
 * The events of an application. Each is also published on the channel `kafkado:streams:NAME` of
 * `node:diagnostics_channel`, with the name of the application.
 */
export interface StreamsEvents {
  /**
   * The state has changed. `replacing` comes with each failure of a member, even if the state was `replacing` already.
   * Kafka: KafkaStreams.setStateListener.
   *
   * @param error the reason, for `replacing` and `failed`
   */
  state: { readonly state: StreamsState; readonly previous: StreamsState; readonly error?: unknown }
  /**
   * The application has failed and ended: its state is `failed`. Without a listener the error is thrown uncaught,
   * because nobody would learn of it otherwise.
   *
   * In any other state, the error ends nothing. Such errors are: a processor's `close()` has thrown, when its partition
   * moved to another member or the application was closed; somebody has deleted a repartition topic, which was made
   * again without its records (`REPARTITION_TOPIC_DELETED`); or, in the state `closing`, the last commit has failed, so
   * its records are processed again after the next start. Faults while a failed application closes follow its failure.
   * Without a listener, these errors are not thrown.
   */
  error: { readonly error: unknown }
  /**
   * The restoration of a store has moved closer to the end of its changelog. Kafka: StateRestoreListener,
   * restore-total, restore-remaining-records-total.
   */
  restore: RestoreProgress & { readonly task: string }
}

/** Passes the events of an application to its listeners. */
export function streamsEventsOf(application: string): EventListeners<StreamsEvents> {
  return new EventListeners('kafkado:streams:', { application })
}
