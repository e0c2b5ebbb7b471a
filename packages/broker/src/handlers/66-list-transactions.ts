import type { listTransactions } from '@kafkado/core'
import type { Handler } from './handler.ts'

export const handleListTransactions: Handler<typeof listTransactions> = (engine, request) =>
  engine.transactions.list(request)
