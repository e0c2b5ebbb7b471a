/** Names for the programs of this repository. Not part of the public interface: they may change in any release. */
export { complain, messageOf, wholeNumber, writeLine } from './cli/command-context.ts'
export { openInput } from './cli/input-file.ts'
export { formatOf, readRecords } from './cli/record-source.ts'
