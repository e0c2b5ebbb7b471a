import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { fromSource, startProcess } from '../processes/child-processes.ts'

/** Where the power is cut in a recorded run. The same plan cuts at the same places, with the same remains. */
export interface CutPlan {
  readonly trace: string
  readonly seed: number
  readonly cuts: number
  /** Whether the disk says that it has synced and has not. */
  readonly isLying: boolean
}

export interface CutResult {
  readonly violations: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}

/** How long a process may look at what one cut left: LMDB may go round in circles in pages that do not fit together. */
const mostSilentMs = 45_000

const cutterProcess = fileURLToPath(new URL('power-cutter.ts', import.meta.url))
/** Two keep two cores busy; what they read and write is in memory. */
const cutters = Math.min(2, availableParallelism())

/**
 * Cuts the power at all places of a plan and checks what is left after each, in processes that a damaged file may end.
 */
export async function cutPower(plan: CutPlan): Promise<CutResult> {
  const shares = [...Array(cutters).keys()].map((share) => cutShare(plan, share))
  const results = await Promise.all(shares)
  const counts: Record<string, number> = {}
  for (const result of results) {
    for (const [name, count] of Object.entries(result.counts)) counts[name] = (counts[name] ?? 0) + count
  }
  return { violations: results.flatMap(({ violations }) => violations), counts }
}

async function cutShare(plan: CutPlan, share: number): Promise<CutResult> {
  const cutter = startProcess(process.execPath, [
    fromSource,
    cutterProcess,
    JSON.stringify(plan),
    `${share}`,
    `${cutters}`,
  ])
  let errors = ''
  cutter.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(cutter, 'close')
  const violations: string[] = []
  let [last, counts] = ['none', {}]
  const stuck = setTimeout(() => cutter.kill('SIGKILL'), mostSilentMs)
  for await (const line of createInterface({ input: cutter.stdout })) {
    stuck.refresh()
    const said = JSON.parse(line) as { at?: string; wrong?: string; counts?: Record<string, number> }
    if (said.at !== undefined) last = said.at
    if (said.wrong !== undefined) violations.push(`${last}: ${said.wrong}`)
    if (said.counts) counts = said.counts
  }
  clearTimeout(stuck)
  const [code, signal] = (await ended) as [number | null, string | null]
  if (code !== 0) violations.push(`${last}: the process that read what was left ended with ${signal ?? code} ${errors}`)
  return { violations, counts }
}
