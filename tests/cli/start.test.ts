import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Finished, fromSource, runProcess } from '../processes/child-processes.ts'

const main = fileURLToPath(new URL('../../examples/orders/main.ts', import.meta.url))

describe('npm start', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kafkado-start-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const start = (...words: string[]): Promise<Finished> =>
    runProcess(process.execPath, [fromSource, main, ...words], { cwd: folder })

  const heading = 'order_id,order_date,product,category,amount,quantity,country,customer_id'
  const orders = async (...rows: string[]): Promise<string> => {
    const file = join(folder, 'orders.csv')
    await writeFile(file, `${[heading, ...rows].join('\n')}\n`)
    return file
  }

  it('produces the shipped orders and consumes each once; over the same folder it reads them all again', async () => {
    const first = await start('--data', 'records')
    expect(first).toMatchObject({ code: 0, errors: '' })
    const [, records] = /produced {2}(\d+) records, /.exec(first.output) ?? []
    expect(Number(records)).toBeGreaterThan(100)
    expect(first.output).toContain(`consumed  ${records} records, each once, `)
    expect(first.output).toMatch(
      /members {3}the first read partitions [\d ]+, the second read partitions [\d ]+\nlag {7}0\n/,
    )
    expect(first.output).toContain('npm run kafkado -- serve --data records\n')
    const again = await start('--data', 'records')
    expect(again).toMatchObject({ code: 0, errors: '' })
    expect(again.output).toContain(`produced  ${records} records, `)
    expect(again.output).toContain(`consumed  ${2 * Number(records)} records, each once, `)
  })

  it('names the lines that it cannot send, sends the others, and ends with an error', async () => {
    const file = await orders('1,2026-01-01,tea', '2,2026-01-01,mug,kitchen,4.5,1,Norway,7')
    const { code, output, errors } = await start(file)
    expect(errors).toMatch(/^kafkado: [^\n]*orders\.csv line 2: the row has 3 values, and the heading 8 columns\n$/)
    expect(output).toMatch(/produced {2}1 records, 1 lines failed, /)
    expect(output).toMatch(/consumed {2}1 records, each once, /)
    expect(code).toBe(1)
  })

  it('says in one line that a file is not there', async () => {
    const { code, errors } = await start('no-such-file.csv')
    expect(errors).toMatch(/^kafkado: [^\n]*no-such-file\.csv[^\n]*\n$/)
    expect(code).toBe(1)
  })
})
