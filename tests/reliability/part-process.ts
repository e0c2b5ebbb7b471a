// Runs a part at a size, with the seeds of that size or others, and writes down what came of it.
import { writeFileSync } from 'node:fs'
import { parts, type PartName } from './parts.ts'
import { parseSeeds, type Part } from './report.ts'
import type { Size } from './rows/row.ts'

const [name = '', size = '', file = '', seeds] = process.argv.slice(2)
const part: Part = parts[name as PartName]
const chosen = part.sizes[size as Size]
const report = await part.run(seeds === undefined ? chosen : { ...chosen, seeds: parseSeeds(seeds) })
writeFileSync(file, JSON.stringify(report))
