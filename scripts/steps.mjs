// Steps of a check: each answers how many of its checks passed and failed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readJson, root } from './root.mjs'

/** Prints the sum as the last line, and makes it the exit status. */
export const finish = (steps) => {
  const passed = steps.reduce((sum, result) => sum + result.passed, 0)
  const failed = steps.reduce((sum, result) => sum + result.failed, 0)
  for (const { name, ms, ...counts } of steps) {
    console.log(`${counts.failed > 0 ? '✗' : '✓'} ${name}: ${counts.passed} passed, ${counts.failed} failed, ${ms} ms`)
  }
  process.exitCode = failed > 0 ? 1 : 0
  console.log(`${passed} passed, ${failed} failed`)
}

/** A step that counts nothing, or that breaks, is one failed check. */
export const step = async (name, work) => {
  const began = performance.now()
  const { passed = 0, failed = 0 } = await work().catch((error) => {
    console.error(error)
    return { failed: 1 }
  })
  const nothing = passed + failed === 0
  return { name, passed, failed: nothing ? 1 : failed, ms: Math.round(performance.now() - began) }
}

/** Runs a Node program; resolves with its exit status and, where `stdio` pipes it, its output. */
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

/** What a report of vitest says, with the files it is about; `ok` is what the exit status said. */
export const countTests = (file, ok) => {
  if (!existsSync(file)) return { passed: 0, failed: 1, files: [] }
  const { testResults: results } = readJson(file)
  const tests = results.flatMap((result) => result.assertionResults)
  const passed = tests.filter((test) => test.status === 'passed').length
  const failed = tests.filter((test) => test.status === 'failed').length + results.filter(brokeOutsideTests).length
  // An error that belongs to no test shows in the exit status only.
  return { passed, failed: failed === 0 && !ok ? 1 : failed, files: results.map(({ name }) => name) }
}

const brokeOutsideTests = (file) =>
  file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
