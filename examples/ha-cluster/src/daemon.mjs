import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** Polls until the condition holds. A condition that throws does not hold. */
export const until = async (what, condition, withinMs = 60_000) => {
  for (const end = performance.now() + withinMs; ; await setTimeout(100)) {
    const result = await Promise.resolve()
      .then(condition)
      .catch(() => undefined)
    if (result) return result
    if (performance.now() > end) throw new Error(`timed out after ${withinMs / 1_000} s: ${what}`)
  }
}

const lastLines = (file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-8).join('\n') : '')

/**
 * A program in the background that ends with this process. Its output goes to the file `log`.
 * `enter` is a command before it, `user` the ids under which it runs.
 */
export const daemon = (name, { command, env, log, cwd, enter = [], user }) => {
  let child
  let ended = Promise.resolve()
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null
  const signal = async (which) => {
    if (!isRunning()) return
    child.kill('SIGCONT')
    child.kill(which)
    await ended
  }
  return {
    name,
    pid: () => child?.pid,
    isRunning,
    async start() {
      await ended
      const output = openSync(log, 'a')
      const ids = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []
      const [file, ...args] = [...enter, 'setpriv', '--pdeathsig', 'KILL', ...ids, '--', ...command]
      child = spawn(file, args, { env: { ...process.env, ...env }, cwd, stdio: ['ignore', output, output] })
      closeSync(output)
      ended = new Promise((resolve, reject) => {
        child.once('error', reject)
        child.once('close', resolve)
      })
      await Promise.race([ended, setTimeout(200)])
      if (!isRunning()) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}:\n${lastLines(log)}`)
    },
    kill: () => signal('SIGKILL'),
    stop: () => signal('SIGTERM'),
  }
}
