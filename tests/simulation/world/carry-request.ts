import type { Fault } from './faults.ts'
import type { NetworkWay } from './network-way.ts'

/** A request on its way, as its kind of connection has it. */
export interface CarriedRequest<Answer> {
  /** Lets the server carry it out. */
  arrive(): Promise<Answer>
  answer(answer: Answer): void
  fail(error: unknown): void
  /** How the client sees that nobody is there. */
  refusal(): unknown
  /** How it sees that its connection breaks. */
  breakage(): unknown
  /** How it sees what the server fails with. */
  failure(error: unknown): unknown
  /** Sends an error back that is not the server's. */
  refuse(fault: Fault): void
  /**
   * What is left of an answer that was mangled on the way; undefined: nothing, as that is found out and the connection
   * given up.
   */
  readonly mangled?: (answer: Answer, fault: Fault) => Promise<Answer>
}

/** Carries a request to the server and its answer back, with the fault that was drawn for it. */
export function carryRequest<Answer>(way: NetworkWay, fault: Fault | undefined, request: CarriedRequest<Answer>): void {
  const broken = (): void => request.fail(request.breakage())
  if (way.state === 'refusing') {
    way.back(() => request.fail(request.refusal()))
    return
  }
  const roundTrip = (lateMs = 0, backLateMs = 0, arrive = (): Promise<Answer> => request.arrive()): void =>
    way.there(() => {
      arrive().then(
        (answer) => way.back(() => request.answer(answer), backLateMs),
        (error: unknown) => way.back(() => request.fail(request.failure(error)), backLateMs),
      )
    }, lateMs)
  const unheard = (lateMs = 0, then: () => void = () => undefined): void =>
    way.there(() => void request.arrive().then(then, then), lateMs)
  switch (fault?.kind) {
    case 'lost request':
      way.back(broken)
      break
    case 'silent request':
      break
    case 'lost answer':
      unheard(0, () => way.back(broken))
      break
    case 'silent answer':
      unheard()
      break
    case 'stray':
      way.back(broken)
      unheard(fault.delayMs)
      break
    case 'late request':
      roundTrip(fault.delayMs)
      break
    case 'late answer':
      roundTrip(0, fault.delayMs)
      break
    case 'copied':
      roundTrip()
      unheard(fault.delayMs)
      break
    case 'error':
      request.refuse(fault)
      break
    case 'error after':
      unheard(0, () => request.refuse(fault))
      break
    case 'mangled answer': {
      const { mangled } = request
      if (mangled) roundTrip(0, 0, () => request.arrive().then((answer) => mangled(answer, fault)))
      else unheard(0, () => way.back(broken))
      break
    }
    case undefined:
      roundTrip()
  }
}
