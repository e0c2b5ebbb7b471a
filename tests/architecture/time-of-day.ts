import { usesMember } from './banned-globals.ts'

/**
 * The files that may ask for the time of day, each with what it is for. What measures or waits takes
 * `Clock.monotonic()`.
 */
export const timeOfDayUsers: Readonly<Record<string, string>> = {
  'packages/broker/src/group/group-coordinator.ts': 'stamps changes of groups, whose age a restart has to know',
  'packages/broker/src/handlers/00-produce.ts': 'stamps records, and compares theirs with it',
  'packages/broker/src/handlers/committed-partitions.ts': 'stamps commits, whose age a restart has to know',
  'packages/broker/src/engine/housekeeping.ts': 'the age of records, which are stamped with the time of day',
  'packages/broker/src/folder/backup-folder.ts': 'stamps a backup',
  'packages/broker/src/records/stored-time.ts':
    'turns what was stamped before a restart into a moment of the monotonic clock',
  'packages/broker/src/transaction/transaction-coordinator.ts': 'stamps transactions, whose age a restart has to know',
  'packages/consumer/src/dead-letter/dead-letter-writer.ts': 'stamps dead letters',
  'packages/producer/src/record/prepared-record.ts': 'stamps records',
  'packages/server/src/auth/key-ring.ts': 'keys expire at a time of day',
  'packages/server/src/auth/key-file.ts': 'when keys changed, for the audit log',
  'packages/server/src/auth/token.ts': 'when a token expires at other servers',
  'packages/server/src/audit/audit-trail.ts': 'when something happened, for the audit log',
  'packages/kafkado/src/cli/commands/keys.ts': 'when a new key will expire',
  'packages/server/src/node/server-log.ts': 'stamps lines of the log',
  'packages/streams/src/member/global-stores.ts': 'stamps dead letters',
  'packages/streams/src/member/metrics/turn-times.ts':
    'tells how old the last record is, which is stamped with the time of day',
  'packages/streams/src/member/turn/readiness.ts': 'tells old records, which are stamped with the time of day',
  'packages/streams/src/task/running-task.ts': 'stamps dead letters',
  'packages/streams/src/task/task.ts': 'what punctuations by the wall clock are told',
  'packages/testing/src/conformance/transport/records/batch-timestamp-cases.ts': 'stamps records',
  'packages/testing/src/released-clock.ts': 'hands on a clock',
  'packages/testing/src/streams/driver-task.ts': 'stamps dead letters',
  'packages/testing/src/streams/topology-test-driver.ts': 'the time that a test has set',
}

/** Whether a program asks a clock for the time of day. */
export function asksTimeOfDay(program: unknown): boolean {
  return usesMember(program, 'now')
}
