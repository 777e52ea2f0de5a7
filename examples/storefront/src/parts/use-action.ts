import { useState } from 'preact/hooks'
import { forgetIfExpired } from '../state/session.js'

export interface Action {
  readonly isBusy: boolean
  readonly failure: unknown
  /** What was done last, in words. */
  readonly done: string | undefined
  /** Does something once at a time; `work` may answer what to say when it is done. */
  run(work: () => Promise<string | undefined>): Promise<void>
}

export const useAction = (): Action => {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const [done, setDone] = useState<string>()
  return {
    isBusy,
    failure,
    done,
    async run(work) {
      if (isBusy) return
      setBusy(true)
      setFailure(undefined)
      setDone(undefined)
      try {
        setDone(await work())
      } catch (error) {
        forgetIfExpired(error)
        setFailure(error)
      }
      setBusy(false)
    },
  }
}
