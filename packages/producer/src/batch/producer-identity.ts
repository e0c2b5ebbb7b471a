/** Under which id a partition's batches are numbered. A new one begins at sequence 0. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
  nextSequence: number
  /** Whether the server has taken a batch under it: only then may more than one be in flight. */
  isProven: boolean
  /** Whether a batch of it was given up that may still be appended, as nobody knows where its request is. */
  hasStray: boolean
}

/** By which the server tells producers apart, and a newer one from an older. */
export type ProducerIdAndEpoch = Pick<ProducerIdentity, 'producerId' | 'producerEpoch'>

/** Nothing is numbered under it yet. */
export function newIdentity(producerId: number, producerEpoch: number): ProducerIdentity {
  return { producerId, producerEpoch, nextSequence: 0, isProven: false, hasStray: false }
}
