// One size of a dimension in a process of its own: `measure-step.ts DIMENSION SIZE` prints what each part has spent.
import { Meter } from './dimension.ts'
import { dimensions } from './dimensions.ts'

const [name = '', size = ''] = process.argv.slice(2)
const dimension = dimensions.find((one) => one.name === name)
if (!dimension) throw new Error(`there is no dimension '${name}'`)
// The first size alone compiles the code.
await dimension.run(dimension.sizes[0] as number, new Meter())
const meter = new Meter()
await dimension.run(Number(size), meter)
console.log(
  JSON.stringify(Object.fromEntries(meter.spent.map(({ what, elements, amount }) => [what, amount / elements]))),
)
