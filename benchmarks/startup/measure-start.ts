import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Subject } from './subjects.ts'

export interface Start {
  /** Of all threads of the process, from its start, until it has done what it is started for. */
  readonly cpuMs: number
  readonly elapsedMs: number
  readonly megabytes: number
}

/** What the process reports: at the end of its module, or at its own end for the command line. */
const report = `
  const { user, system } = process.cpuUsage()
  const megabytes = process.memoryUsage.rss() / 1e6
  const figures = { cpuMs: (user + system) / 1000, elapsedMs: performance.now(), megabytes }
  fs.writeFileSync(process.env.KAFKADO_BENCH_REPORT, JSON.stringify(figures))`

const atEnd = `data:text/javascript,${encodeURIComponent(
  `import fs from 'node:fs'\nprocess.on('exit', () => {${report}\n})`,
)}`

/** Starts a process of plain Node in the folder `benchmarks` of a checkout, on its built packages. */
export async function measureStart(checkout: string, subject: Subject, url: string): Promise<Start> {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
  const filled = (text: string): string => text.replaceAll('FOLDER', join(folder, 'data')).replaceAll('URL', url)
  try {
    const parameters =
      'code' in subject
        ? ['--input-type=module', '--eval', moduleOf(filled(subject.code))]
        : [`--import=${atEnd}`, await commandOf(checkout), ...subject.command.map(filled)]
    const file = join(folder, 'report.json')
    await run(parameters, join(checkout, 'benchmarks'), file, 'input' in subject ? subject.input : undefined)
    return JSON.parse(await readFile(file, 'utf8')) as Start
  } finally {
    await rm(folder, { recursive: true })
  }
}

function moduleOf(code: string): string {
  return `import fs from 'node:fs'\n${code}\n${report}\nprocess.exit()`
}

/** The file that `kafkado` is for npm; the other checkout may have another. */
async function commandOf(checkout: string): Promise<string> {
  const folder = join(checkout, 'packages', 'kafkado')
  const { bin } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { bin: { kafkado: string } }
  return join(folder, bin.kafkado)
}

function run(parameters: string[], cwd: string, file: string, input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, KAFKADO_BENCH_REPORT: file, NODE_OPTIONS: '' }
    const child = spawn(process.execPath, parameters, { cwd, env, stdio: ['pipe', 'ignore', 'pipe'] })
    let complaint = ''
    child.stderr.on('data', (text: Buffer) => (complaint += text.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`node ${parameters.join(' ')} ended with ${code}: ${complaint}`))
    })
    child.stdin.end(input)
  })
}
