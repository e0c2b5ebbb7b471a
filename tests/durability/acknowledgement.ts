/** What a process under test was told, as it writes it down. */
export type Acknowledgement =
  | { readonly kind: 'record'; readonly partition: number; readonly offset: number; readonly value: string }
  | { readonly kind: 'transaction'; readonly name: string; readonly committed: boolean }
  | { readonly kind: 'offset'; readonly committedOffset: number }
  | { readonly kind: 'key'; readonly key: string; readonly value: number }
  | { readonly kind: 'deleted'; readonly partition: number; readonly offset: number }

export const topics = { numbers: 'numbers', ledger: 'ledger', state: 'state' } as const
export const partitionCount = 3
export const groupId = 'readers'
export const transactionalIds = ['teller-a', 'teller-b'] as const
