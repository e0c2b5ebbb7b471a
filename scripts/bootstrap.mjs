// The one way in: supplies the pinned toolchain, installs the dependencies when they changed, then runs a command.
// It depends on nothing, and it must also run on a Node older than the one the project needs.
import { commandFor } from './bootstrap/commands.mjs'
import { cleanEnvironment } from './bootstrap/environment.mjs'
import { prepareProject } from './bootstrap/project.mjs'
import { runToEnd } from './bootstrap/run.mjs'
import { prepareToolchain } from './bootstrap/toolchain.mjs'

async function main() {
  const [name, ...args] = process.argv.slice(2)
  const command = commandFor(name, args)
  const toolchain = await prepareToolchain()
  if (command.needsProject) await prepareProject(toolchain)
  return runToEnd(command, { ...cleanEnvironment(toolchain), ...command.env })
}

main().catch((error) => {
  process.stderr.write(`kafkado: ${error.message}\n`)
  process.exitCode = 1
})
