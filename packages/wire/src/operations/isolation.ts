/** How requests number the isolation levels. */
export const isolationLevels = { read_uncommitted: 0, read_committed: 1 } as const
