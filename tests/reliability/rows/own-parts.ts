import { mixedLoadFigures } from '../load/mixed-load-figures.ts'
import type { PartName } from '../parts.ts'
import type { Row } from './row.ts'
import { runPart } from './run-part.ts'

// The rows whose code is in this repository's tests, most of them on real processes, files and sockets.

function ownPart(row: Omit<Row, 'run'> & { readonly name: PartName }): Row {
  return { ...row, run: runPart(row.name) }
}

export const sameSeed = ownPart({
  name: 'same-seed',
  gate: 'Same seed twice, same history hash',
  full: { text: '200 seeds', atLeast: { seeds: 200 } },
  ci: { text: '10 seeds', atLeast: { seeds: 10 } },
  figures: ['seeds', 'different histories'],
  shows:
    'Two processes simulate the same seeds, one of them from the last to the first, and come to the same hash of ' +
    'the history of each: what happens follows from the seed alone, so one that fails can be looked at again.',
})

export const kills = ownPart({
  name: 'kills',
  gate: 'kill -9 of a real server under load',
  full: { text: '1,500 kills', atLeast: { kills: 1500 } },
  ci: { text: '50 kills', atLeast: { kills: 50 } },
  figures: ['kills', ...mixedLoadFigures],
  shows:
    'A server of the command line, in a process of its own with a folder (kept in a journal, each third time in ' +
    'SQLite), is killed at random moments, also while it starts, under plain, idempotent and transactional load ' +
    'and with a group that commits. Then every acknowledged record is at its offset and there once, what failed is ' +
    'absent, the records of an idempotent producer are complete and in order, a transaction is in all partitions ' +
    'or in none, as it was acknowledged, and the group has read everything and committed nothing beyond it. It ' +
    'does not show that a loss of power is survived: what a killed process has written stays with the operating ' +
    'system. That is the next row.',
})

export const crashPoints = ownPart({
  name: 'crash-points',
  gate: 'Simulated disk, power cut anywhere (torn, lost, misordered writes, failed syncs and writes)',
  full: { text: '100,000 crash points', atLeast: { 'different crash points': 100_000 } },
  ci: { text: '2,000 crash points', atLeast: { 'different crash points': 2000 } },
  figures: ['different crash points', 'runs', 'runs with a failed sync', 'runs with a failed write'],
  shows:
    'The writes, syncs, truncations and changes of names of real processes are recorded (an engine on a journal or ' +
    'SQLite with batches, transactions, offsets, deletions, compaction), then played to a simulated disk that ' +
    'fails at a place chosen by chance: what was synced is there, and of the rest what chance keeps, in no order, ' +
    'torn at sectors of 512 bytes. The engine opens what is left, and everything that was acknowledged by then has ' +
    'to be there, whole and once. Points that leave the same, with the same acknowledged, count once. It does not ' +
    'show what a disk does that lies about its syncs (a test makes sure that such a disk is found out), and not ' +
    'what is damaged later, which checksums find.',
})

export const exactlyOnce = ownPart({
  name: 'exactly-once',
  gate: 'Exactly-once copy under random kills',
  full: { text: '100,000 records, 200 kills', atLeast: { records: 100_000, kills: 200 } },
  ci: { text: '5,000 records, 10 kills', atLeast: { records: 5000, kills: 10 } },
  figures: ['records', 'kills', 'kills of the server', 'kills of a copier'],
  shows:
    'Two processes read one topic and write another in transactions that commit the offsets, while they and the ' +
    'server die by kill -9. Readers of committed records find each record once, and the group has committed ' +
    'exactly to the end. Clients and server are on one machine: no network loses or repeats anything here, which ' +
    'the simulation does.',
})

export const churn = ownPart({
  name: 'churn',
  gate: 'Group churn of real processes',
  full: { text: '200 events', atLeast: { events: 200 } },
  ci: { text: '12 events', atLeast: { events: 12 } },
  figures: ['events', 'joins', 'leaves', 'kills', 'stalls', 'records processed'],
  shows:
    'Members in processes of their own, over HTTP to a server in another, join, leave, are killed, and are stopped ' +
    'for longer than their session. All of them note what they do in one file, in the order in which it happens: ' +
    'no partition has two owners that are alive and running, whatever is committed was processed before, and every ' +
    'record is processed. A member that is stopped may process records again when it wakes up, as in Kafka; it is ' +
    'not counted as an owner meanwhile.',
})

export const threeServers = ownPart({
  name: 'three-servers',
  gate: 'Three servers over one engine, round robin, killed at random',
  full: { text: '10 minutes', atLeast: { seconds: 600 } },
  ci: { text: '20 seconds', atLeast: { seconds: 20 } },
  figures: ['seconds', 'kills', ...mixedLoadFigures],
  shows:
    'Clients give each request to the next of three servers and know nothing of their health. With odd seeds the ' +
    'servers and the engine share a process, and a server dies with all its connections reset in the middle of its ' +
    'requests; with even seeds they have processes of their own, and die by kill -9. The same has to hold as under ' +
    'kill -9 of a server. The engine itself lives: there is one, and what happens when it dies is shown by the row ' +
    'of kill -9.',
})

export const soak = ownPart({
  name: 'soak',
  gate: 'Soak: heap, descriptors, handles, waiters',
  full: { text: '15 minutes, less than 1 MB a minute', atLeast: { seconds: 900 } },
  ci: undefined,
  figures: [
    'seconds',
    'samples',
    'records',
    'transactions',
    'clients that came and went',
    'streams applications that came and went',
  ],
  shows:
    'One process with an engine in a folder, a server, and clients over HTTP that come, work and go at a steady ' +
    'pace: producers, members of a group, transactions, streams applications. After each collection of garbage the ' +
    'heap, the open descriptors, the handles of the event loop and the fetches that wait are counted; a straight ' +
    'line through the samples, without those of the beginning, rises by less than the limit. It shows no leak at ' +
    'this pace in this time, and says nothing of longer times or of other kinds of work.',
})

export const storageDay = ownPart({
  name: 'storage-day',
  gate: 'A day of records through a small folder, in fast motion: space, memory, descriptors, stalls',
  full: { text: '20 GB through 2 GB, 1,000 partitions', atLeast: { 'bytes appended': 20_000_000_000 } },
  ci: { text: '300 MB through 160 MB, 50 partitions', atLeast: { 'bytes appended': 300_000_000 } },
  figures: ['batches', 'bytes appended', 'reads', 'bytes verified at the end'],
  shows:
    'An engine on a journal, on a real disk, with the clock of retention and compaction advanced by hand: four ' +
    'fifths of the records go by age, one fifth is compacted, batches have 300 bytes to 120 KB, and readers begin ' +
    'at the oldest records. After each step that retention and compaction have had their turn in, the next one ' +
    'comes. The folder stays below its size, and a straight line through its size, its files, heap, memory, ' +
    'descriptors and stalls of the event loop, without the first quarter of the day, stays level. In the end each ' +
    'partition ends where it was acknowledged, and every byte that is kept has its checksum. A stall is measured ' +
    'by the clock, which says as much of what else the machine does, and by the time of the processor that the ' +
    'thread itself has used, which is judged. The day of CI is too short to tell what rises: it shows that all of ' +
    'it goes on, and that room is given back.',
})
