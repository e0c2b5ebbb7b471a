/** The numbers of the isolation levels in requests. */
export const isolationLevels = { read_uncommitted: 0, read_committed: 1 } as const
