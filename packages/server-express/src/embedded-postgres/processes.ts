import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Whether the process runs. A zombie process does not. */
export function isRunning(pid: number): boolean {
  if (process.platform === 'linux') return linuxStat(pid) !== undefined
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Distinguishes a process from a later one with the same id. Empty if the system does not report it. */
export function birthOf(pid: number): string {
  if (process.platform === 'linux') {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot}/${linuxStat(pid)?.startedAtTick ?? ''}`
  }
  if (process.platform === 'win32') return ''
  return ps(pid, 'lstart=')
}

/** The command line, if this user may read it. */
export function commandLineOf(pid: number): string {
  if (process.platform === 'win32') return ''
  if (process.platform !== 'linux') return ps(pid, 'command=')
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return ''
  }
}

function linuxStat(pid: number): { startedAtTick: string } | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // "pid (name) state …": the name may contain spaces and parentheses, so fields are counted after its end
  // (proc_pid_stat(5), fields 3 and 22).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return { startedAtTick: fields[19] ?? '' }
}
