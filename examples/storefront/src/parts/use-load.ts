import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { forgetIfExpired } from '../state/session.js'

export interface Loaded<T> {
  readonly data: T | undefined
  readonly failure: unknown
  readonly isLoading: boolean
  reload(): Promise<void>
}

/** Loads on mount and whenever its dependencies change. An older response never replaces a newer one. */
export const useLoad = <T>(load: () => Promise<T>, dependsOn: readonly unknown[]): Loaded<T> => {
  const [data, setData] = useState<T>()
  const [failure, setFailure] = useState<unknown>()
  const [isLoading, setLoading] = useState(true)
  const turn = useRef(0)
  const reload = useCallback(async () => {
    turn.current += 1
    const mine = turn.current
    setLoading(true)
    try {
      const loaded = await load()
      if (mine !== turn.current) return
      setData(loaded)
      setFailure(undefined)
    } catch (error) {
      if (mine !== turn.current) return
      forgetIfExpired(error)
      setFailure(error)
    }
    setLoading(false)
  }, dependsOn)
  useEffect(() => {
    void reload()
    return () => {
      turn.current += 1
    }
  }, [reload])
  return { data, failure, isLoading, reload }
}
