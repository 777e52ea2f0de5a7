import { useState } from 'preact/hooks'
import { forgetIfExpired } from '../state/session.js'

export interface Action {
  readonly isBusy: boolean
  readonly failure: unknown
  /** Message of the last completed action. */
  readonly done: string | undefined
  /** Runs one action at a time. `work` may return a message to show when it completes. */
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
