import type { Mutant } from './mutant.ts'

const source = 'packages/broker/src'
const gate = { file: 'packages/broker/test/full-disk.test.ts' }

/** A disk that is nearly full: what is refused, what goes on, and what a refusal leaves behind. */
export const brokerFullDiskMutants: readonly Mutant[] = [
  {
    name: 'disk-fills-up',
    breaks: 'Records are taken until the disk is full and a write fails half-way.',
    file: 'packages/broker/src/engine/free-space.ts',
    text: 'if (!this.isNearlyFull) return',
    replacement: 'return',
    gate: { file: 'packages/broker/test/disk.test.ts', tests: '^a disk that fills up' },
  },
  {
    name: 'full-disk-takes-all',
    breaks: 'Offsets, members and topics fill the disk until a write fails half-way.',
    file: `${source}/records/changes.ts`,
    text: 'this.#checkRoom()',
    replacement: 'void this.#checkRoom',
    gate: { ...gate, tests: 'whatever writes is refused.*offsetCommit' },
  },
  {
    name: 'full-disk-refuses-what-ends',
    breaks: 'Nothing can be removed from a full disk, nor a transaction be ended.',
    file: `${source}/engine/engine.ts`,
    text: 'new Changes(this.#replay, () => undefined, this.#memory)',
    replacement: 'new Changes(this.#replay, () => this.freeSpace.check(), this.#memory)',
    gate: { ...gate, tests: 'whatever writes is refused.*(delete|endTxn)' },
  },
  {
    name: 'full-disk-keeps-members',
    breaks: 'Nobody can leave a group while the disk is full.',
    file: `${source}/handlers/68-consumer-group-heartbeat.ts`,
    text: 'request.memberEpoch < 0 ? engine.beginEnding() : engine.begin()',
    replacement: 'engine.begin()',
    gate: { ...gate, tests: 'consumerGroupHeartbeat that leaves' },
  },
  {
    name: 'full-disk-keeps-its-retention',
    breaks: 'Who wants old records to go sooner, to make room, is refused for lack of room.',
    file: `${source}/handlers/44-incremental-alter-configs.ts`,
    text: 'isMakingRoom ? engine.beginEnding() : engine.begin()',
    replacement: 'engine.begin()',
    gate: { ...gate, tests: 'incrementalAlterConfigs' },
  },
  {
    name: 'full-disk-leaves-a-group',
    breaks: 'A member that was refused leaves a group that a restart does not find.',
    file: `${source}/group/group-coordinator.ts`,
    text: 'if (!group) changes.admit()',
    replacement: '',
    gate: { ...gate, tests: 'that makes a group' },
  },
  {
    name: 'full-disk-expels-members',
    breaks: 'Members that live are expelled, because their heartbeats cannot be written.',
    file: `${source}/group/group-coordinator.ts`,
    text: 'if (before) this.#deadlines.expectHeartbeat(group, memberId)',
    replacement: '',
    gate: { ...gate, tests: 'expels no member' },
  },
  {
    name: 'full-disk-leaves-a-gap',
    breaks: 'A marker that was refused has used up its offset.',
    file: `${source}/log/partition-log.ts`,
    text: '    changes.admit()\n',
    replacement: '',
    gate: { ...gate, tests: 'initProducerId of the open one' },
  },
  {
    name: 'full-disk-refuses-partitions',
    breaks: 'A full disk refuses a partition in an answer that says nothing of trying again.',
    file: `${source}/handlers/00-produce.ts`,
    text: '  changes.admit()\n',
    replacement: '',
    gate: { ...gate, tests: 'whatever writes is refused.*produce' },
  },
]
