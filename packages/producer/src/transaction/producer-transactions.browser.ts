import { InvalidRequestError } from '@kafkado/core'
import type { TransactionsOfProducer } from './producer-transactions.ts'

export class ProducerTransactions implements TransactionsOfProducer {
  run(): Promise<never> {
    return Promise.reject(new InvalidRequestError('in a browser use createTransactionalProducer()'))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
