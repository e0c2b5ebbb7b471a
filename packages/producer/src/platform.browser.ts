import { InvalidRequestError } from '@kafkado/core'
import type { Platform } from './platform.ts'

/** @throws InvalidRequestError always */
export const startTransactions: Platform['startTransactions'] = () =>
  Promise.reject(new InvalidRequestError('in a browser use createTransactionalProducer()'))

/** Browsers have no diagnostics_channel. */
export const publishBatch: Platform['publishBatch'] = () => undefined
