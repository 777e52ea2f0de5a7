// Steps of the checks. Each resolves with its number of passed checks, and with what failed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { readJson, root } from './root.mjs'

/** Prints what failed, the steps and, as the last line, the totals. Sets the exit status. */
export const finish = (steps) => {
  const passed = steps.reduce((sum, step) => sum + step.passed, 0)
  const failed = steps.reduce((sum, step) => sum + step.failures.length, 0)
  for (const { name, failures } of steps) {
    for (const each of failures) console.log(`✗ ${name}: ${each}`)
  }
  for (const { name, passed, failures, ms } of steps) {
    console.log(`${failures.length > 0 ? '✗' : '✓'} ${name}: ${passed} passed, ${failures.length} failed, ${ms} ms`)
  }
  process.exitCode = failed > 0 ? 1 : 0
  console.log(`${passed} passed, ${failed} failed`)
}

/**
 * Runs a step. `failures` says what failed, a text for each failed check. A step that checks nothing, or that throws,
 * is one failed check.
 */
export const step = async (name, work) => {
  const began = performance.now()
  const { passed = 0, failures = [] } = await work().catch((error) => ({ failures: [error.stack] }))
  const nothing = passed + failures.length === 0 ? ['nothing was checked'] : []
  return { name, passed, failures: [...failures, ...nothing], ms: Math.round(performance.now() - began) }
}

/** Runs a Node program. Resolves with its success and, if `stdio` is a pipe, its output. */
export const run = (args, { stdio = 'inherit', env = process.env } = {}) =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', stdio, stdio], env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.once('error', fail)
    child.once('close', (code) => done({ ok: code === 0, output }))
  })

/** Reads a vitest report. `ok` is the success of the run. */
export const readReport = (file, ok) => {
  if (!existsSync(file)) return { failures: ['there is no report'], files: [] }
  const { testResults: results } = readJson(file)
  const tests = results.flatMap((result) => result.assertionResults)
  const passed = tests.filter((test) => test.status === 'passed').length
  const failures = results.flatMap(failuresIn)
  // An error outside any file shows only in the exit status.
  if (failures.length === 0 && !ok) failures.push('an error outside any test, which the output shows')
  return { passed, failures, files: results.map(({ name }) => name) }
}

const failuresIn = ({ name, status, message, assertionResults: tests }) => {
  const file = relative(root, name)
  const failed = tests.filter((test) => test.status === 'failed')
  if (status === 'failed' && failed.length === 0) return [`${file}: ${firstLine(message)}`]
  return failed.map((test) => `${file} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`)
}

const firstLine = (text = '') => text.split('\n')[0]
