import type { TransactionScope } from '@kafkado/core/internal'

/** As in Node, for browsers, which cannot tell in the body of which transaction a record is read: so in none. */
export function presentScope(): TransactionScope | undefined {
  return undefined
}

/** As in Node; no record is read in the body of a transaction. */
export class TransactionReads {
  readonly open: readonly TransactionScope[] = []

  add(_scope: TransactionScope | undefined, _first: number, _last?: number): void {}

  moveTo(_position: number): void {}

  forgetBefore(_offset: number): void {}

  limitOf({ to }: { readonly to: number; readonly finishedTo: number | undefined }): number {
    return to
  }
}
