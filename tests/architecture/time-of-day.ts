import { usesMember } from './banned-globals.ts'

/** The packages in which whoever asks for the time of day has to say why. What measures or waits takes `Clock.monotonic()`. */
export const packagesOnMonotonicTime: ReadonlySet<string> = new Set(['broker', 'wire', 'server'])

/** The files there that may, each with what the time of day is for. */
export const timeOfDayUsers: Readonly<Record<string, string>> = {
  'packages/broker/src/handlers/00-produce.ts': 'stamps records, and compares theirs with it',
  'packages/broker/src/handlers/committed-partitions.ts': 'stamps commits, whose age a restart has to know',
  'packages/broker/src/housekeeping.ts': 'the age of records, which are stamped with the time of day',
  'packages/broker/src/stored-time.ts': 'turns what was stamped before a restart into a moment of the monotonic clock',
  'packages/broker/src/transaction/transaction-coordinator.ts': 'stamps transactions, whose age a restart has to know',
  'packages/server/src/auth/key-ring.ts': 'keys expire at a time of day',
}

/** Whether a program asks a clock for the time of day. */
export function asksTimeOfDay(program: unknown): boolean {
  return usesMember(program, 'now')
}
