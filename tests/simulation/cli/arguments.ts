import { parseArgs } from 'node:util'
import { type StorageModel, storageModels } from '../plan/plan.ts'

export interface Arguments {
  readonly from: number
  readonly to: number
  /** One seed, whose history is printed. */
  readonly isReplay: boolean
  readonly isShrunk: boolean
  readonly jobs: number
  readonly scenario: string | undefined
  readonly storage: StorageModel | undefined
  readonly jsonFile: string | undefined
  /** How many failures are told in full before it ends. */
  readonly most: number
}

export const usage = `npm run simulate -- --seeds A-B [--scenario NAME] [--storage model|journal] [--jobs N] [--shrink] [--json FILE] [--most N]
npm run simulate -- --seed N [--scenario NAME] [--storage model|journal] [--shrink]`

/** @throws Error that says what is wrong */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: argv.filter((argument, index) => index > 0 || argument !== '--'),
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      scenario: { type: 'string' },
      storage: { type: 'string' },
      jobs: { type: 'string' },
      json: { type: 'string' },
      most: { type: 'string' },
      shrink: { type: 'boolean' },
    },
  })
  const { seed, seeds = seed ?? '1-100' } = values
  const match = /^(\d+)(?:-(\d+))?$/.exec(seeds)
  if (!match) throw new Error(`--seeds expects two numbers such as 1-500, got ${seeds}`)
  const from = Number(match[1])
  const to = Number(match[2] ?? match[1])
  if (to < from) throw new Error(`--seeds: ${to} is below ${from}`)
  return {
    from,
    to,
    isReplay: seed !== undefined,
    isShrunk: values.shrink === true,
    jobs: wholeNumber(values.jobs ?? '1', '--jobs'),
    scenario: values.scenario,
    storage: storageOf(values.storage),
    jsonFile: values.json,
    most: wholeNumber(values.most ?? '10', '--most'),
  }
}

function storageOf(text: string | undefined): StorageModel | undefined {
  const storage = storageModels.find((one) => one === text)
  if (text !== undefined && !storage) throw new Error(`--storage expects ${storageModels.join(' or ')}, got ${text}`)
  return storage
}

function wholeNumber(text: string, option: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} expects a number from 1 up, got ${text}`)
  return number
}
