/** The producer id and epoch that number a partition's batches. A new identity begins at sequence 0. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
  nextSequence: number
  /** Whether the server has accepted a batch under it. Only then may more than one batch be in flight. */
  isProven: boolean
  /** Whether a batch was given up while its request may still be on its way: the server may append it later. */
  hasStray: boolean
}

/** The server tells producers apart by these, and newer ones from older ones. */
export type ProducerIdAndEpoch = Pick<ProducerIdentity, 'producerId' | 'producerEpoch'>

/** An identity that has numbered nothing yet. */
export function newIdentity(producerId: number, producerEpoch: number): ProducerIdentity {
  return { producerId, producerEpoch, nextSequence: 0, isProven: false, hasStray: false }
}
