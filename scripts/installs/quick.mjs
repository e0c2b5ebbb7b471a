// `--quick` is for CI: it ends within three minutes, however slow the machine is, and what the machine or its registry
// cannot give is told and left out. Without it that is a fault, as somebody is there to look.

export const isQuick = process.argv.includes('--quick')
/** From when the process began; what is under way then, and what is tidied up, comes on top. */
const endsAt = 125_000
const outOfTime = 'the time of --quick is over'

/** How long something may take that would be given `timeoutMs`. */
export function timeLeftMs(timeoutMs) {
  return isQuick ? Math.max(0, Math.floor(Math.min(timeoutMs, endsAt - performance.now()))) : timeoutMs
}

/** How a command ended that was killed for its time. */
export function statusOfKilled(signal) {
  // Timers count whole milliseconds.
  return isQuick && performance.now() > endsAt - 100 ? outOfTime : signal
}

const ofRegistry =
  /\b(ENOTFOUND|EAI_AGAIN|ECONN(RESET|REFUSED|ABORTED)|E?TIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|E4(03|04|29)|E50\d|ERR_PNPM_(FETCH|META_FETCH)_\w+)\b/

/** Why CI leaves something out, or undefined when what was found is a fault of a package. */
export function reasonToSkip(found) {
  if (!isQuick) return undefined
  if (found.some((line) => line.includes(outOfTime))) return outOfTime
  if (!found.some((line) => line.startsWith('exit code'))) return undefined
  return found.find((line) => ofRegistry.test(line))
}
