import type { EventOf } from '../history/history-event.ts'
import type { Facts, Read, SendFact } from './facts.ts'

/** One transaction of a transactional id. */
export interface TransactionFact {
  readonly transactionalId: string
  readonly transaction: number
  begun?: EventOf<'transaction-begun'>
  ending?: EventOf<'transaction-ending'>
  ended?: EventOf<'transaction-ended'>
  readonly sends: SendFact[]
  readonly reads: Read[]
}

interface Named {
  readonly transactionalId?: string
  readonly transaction?: number
}

/** All transactions, with what was sent in them and read for them. */
export class Transactions {
  readonly all = new Map<string, TransactionFact>()

  constructor(facts: Facts) {
    for (const event of facts.of('transaction-begun')) this.#make(event).begun = event
    for (const event of facts.of('transaction-ending')) this.#make(event).ending = event
    for (const event of facts.of('transaction-ended')) this.#make(event).ended = event
  }

  noteRecords({ sends, reads }: Facts): void {
    for (const send of sends.values()) send.transaction?.sends.push(send)
    for (const read of reads) this.of(read.poll)?.reads.push(read)
  }

  #make({ transactionalId, transaction }: Required<Named>): TransactionFact {
    const key = `${transactionalId} ${transaction}`
    let fact = this.all.get(key)
    if (!fact) {
      fact = { transactionalId, transaction, sends: [], reads: [] }
      this.all.set(key, fact)
    }
    return fact
  }

  of({ transactionalId, transaction }: Named): TransactionFact | undefined {
    if (transactionalId === undefined || transaction === undefined) return undefined
    return this.all.get(`${transactionalId} ${transaction}`)
  }
}

/** For people: `transaction 3 of "t1"`. */
export function nameOf({ transactionalId, transaction }: TransactionFact): string {
  return `transaction ${transaction} of ${transactionalId}`
}
