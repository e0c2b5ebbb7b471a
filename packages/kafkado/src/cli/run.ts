import { messageOf } from '@kafkado/core/internal'
import { CommanderError } from 'commander'
import { complain } from './command-context.ts'
import { makeProgram } from './program.ts'

const wrongUsage = 2

/** A reader that has seen enough, such as `head`, closes the pipe. This is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await makeProgram().parseAsync()
} catch (error) {
  // Commander has printed the fault; help and version are no errors.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : wrongUsage
  else {
    complain(messageOf(error))
    process.exitCode = 1
  }
}
