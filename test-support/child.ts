import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** Resolves with the process once its output contains `ready`. Rejects with the last output if it exits first. */
export const untilReady = (name: string, child: ChildProcess, ready: string): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    let log = ''
    const listen = (chunk: Buffer) => {
      log = (log + chunk).slice(-4000)
      if (log.includes(ready)) resolve(child)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${log}`)))
  })

export const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
