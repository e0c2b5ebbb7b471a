import { givenBack } from '../../security/negatives/place/given-back.ts'
import type { Report } from '../report.ts'
import type { Row } from './row.ts'
import { endedWithoutReport, runPart } from './run-part.ts'
import { reporting, vitest, type VitestReport } from './vitest-report.ts'

const cases = { text: '250 cases', atLeast: { cases: 250 } }

export const security: Row = {
  name: 'security',
  gate: 'Security negatives (keys, scopes, limits, malformed, smuggled, traversal, pollution, starvation)',
  full: cases,
  ci: cases,
  figures: ['cases', 'subjects'],
  shows:
    'A server with keys on a real socket, over an engine with the topics, groups and transactions of two tenants, is ' +
    'attacked by tables of cases. Each is refused with its status and error, changes nothing that the engine could ' +
    'tell, and leaves the other tenant served; after each table sockets, descriptors and memory are as before. Time ' +
    'is injected, so it says nothing of real networks; `hostile-load` runs attacks beside work in real time.',
  run: async ({ collect }) => {
    const text = await collect((file) => [
      process.execPath,
      vitest,
      'run',
      ...reporting(file),
      '--project',
      'tests',
      'tests/security/',
    ])
    return text === undefined ? endedWithoutReport('security') : securityReport(text)
  },
}

export const hostileLoad: Row = {
  name: 'hostile-load',
  gate: 'Work beside attacks: heap, descriptors, and who is served',
  full: { text: '10 minutes', atLeast: { seconds: 600 } },
  ci: { text: '10 seconds', atLeast: { seconds: 10 } },
  figures: ['seconds', 'attacks', 'requests of the neighbour'],
  shows:
    'A server with keys over an engine in a folder is attacked with one key by a process that does whatever it can, ' +
    'chosen by a seed: requests that are malformed, smuggled, too large, too many or never finished, answers that it ' +
    'does not read, bombs, names and groups without end. Another process works with another key. Each of its ' +
    'requests is answered, none after more than 5 s; a straight line through heap, memory outside of it and ' +
    'descriptors, without those of the beginning, rises by less than the limit; in the end every socket is closed. ' +
    'All are on one machine, which the attacker loads as well. The ten seconds of CI are too short to tell what rises.',
  run: runPart('hostile-load'),
}

/** What vitest has written of tests/security: a case is a passed test of a table of negatives. */
export function securityReport(text: string): Report {
  const { testResults } = JSON.parse(text) as VitestReport
  const violations: string[] = []
  const subjects = new Set<string>()
  const counts = { cases: 0, subjects: 0, 'other tests': 0 }
  for (const { name = '', message, assertionResults } of testResults) {
    if (message !== '') violations.push(message)
    const isTable = name.includes('security/negatives/')
    for (const { ancestorTitles, fullName, status } of assertionResults) {
      if (status === 'failed') violations.push(fullName)
      if (status !== 'passed') continue
      const isCase = isTable && !fullName.endsWith(givenBack)
      counts[isCase ? 'cases' : 'other tests']++
      if (isCase) subjects.add(`${name} ${ancestorTitles[0]}`)
    }
  }
  return { seeds: '', counts: { ...counts, subjects: subjects.size }, violations, details: {} }
}
