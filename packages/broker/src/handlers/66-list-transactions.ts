import { listTransactions } from '@kafkado/core'
import { handles } from './handler.ts'

export const handleListTransactions = handles(listTransactions, (engine, request) => engine.transactions.list(request))
