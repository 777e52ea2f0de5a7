#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { readCommandLine } from './server/command-line.js'

const commandLine = readCommandLine(process.argv.slice(2))
if ('task' in commandLine) {
  // Most of a busy server's heap is garbage of the last moment. V8 would let it grow to several times the live data before
  // a full collection; at 1.4 times the process takes 136 MB instead of 200, and is as fast.
  setFlagsFromString('--heap-growing-percent=40')
  const { run } = await import('./server/run.js')
  await run(commandLine)
} else {
  process.stdout.write(commandLine.output ?? '')
  process.stderr.write(commandLine.error ?? '')
  process.exitCode = commandLine.status
}
