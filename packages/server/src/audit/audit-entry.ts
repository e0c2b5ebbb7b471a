/**
 * One line of the audit log: a refusal, or an administrative act. It never holds an API key, a token, or the content of
 * a record or setting.
 */
export interface AuditEntry {
  /** ISO 8601, by the clock of the machine. */
  readonly time: string
  /** The id of the request, which the client saw too. Null for what nobody sent. */
  readonly requestId: string | null
  /** The key that asked, or null if none was recognised. */
  readonly keyId: string | null
  /** Set if the key asked through a token. */
  readonly tokenId?: string | undefined
  /** The address that the connection came from, such as that of a proxy; null where the runtime does not tell. */
  readonly address: string | null
  /**
   * Kafka's operation, such as `deleteTopics`; `createToken`; `createKey`, `rotateKey`, `alterKey` and `revokeKey` for
   * changes of the file of keys; or the path of a request that got no further.
   */
  readonly operation: string
  /** What it was about, such as `topic:orders`: the first ten. */
  readonly resources: readonly string[]
  /** How many more there were. Absent if none. */
  readonly resourcesLeftOut?: number | undefined
  /** `refused` before anything was carried out; `done`, `partlyDone` or `failed` for administrative acts. */
  readonly outcome: 'refused' | 'done' | 'partlyDone' | 'failed'
  /** The error, such as `UNAUTHORIZED`. Absent if there is none. */
  readonly code?: string | undefined
  /** How many entries were left out since the last one, because there were too many. Absent if none. */
  readonly suppressed?: number | undefined
}

/** Receives the audit log. */
export type Audit = (entry: AuditEntry) => void
