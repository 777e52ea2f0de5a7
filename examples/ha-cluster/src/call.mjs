import { parseArgs } from 'node:util'
import { strikes as allStrikes } from './strikes.mjs'

const names = allStrikes.map(({ name }) => name).join(', ')

const help = `Usage: node examples/ha-cluster/run.mjs [options]

Options
  --strikes a,b   some strikes, in the order of the list below (default: all)
  --minutes n     repeat the strikes until this much time has passed (default: 0, each strike once)
  --users n       users that send requests at the same time (default: 16)
  --results FILE  where all figures go (default: results.json)
  --keep          keep the folder with all logs
  --document      write the result into docs/operate/high-availability.md instead of FILE
  --help          print this text

Strikes: ${names}`

/** EX_USAGE of sysexits.h. */
const wrong = (text) => ({ status: 64, text: `${text}. See --help` })

const options = {
  strikes: { type: 'string' },
  minutes: { type: 'string', default: '0' },
  users: { type: 'string', default: '16' },
  results: { type: 'string', default: 'results.json' },
  keep: { type: 'boolean', default: false },
  document: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

const parse = (args) => {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    return { fault: error.message.split('. ')[0] }
  }
}

/** What the command line asks for; or a text to print, and the exit status. */
export const readCall = (args) => {
  const { fault, help: wantsHelp, ...values } = parse(args)
  if (fault !== undefined) return wrong(fault)
  if (wantsHelp) return { status: 0, text: help }
  const chosen = values.strikes?.split(',').map((name) => name.trim())
  const unknown = (chosen ?? []).filter((name) => !allStrikes.some((strike) => strike.name === name))
  if (unknown.length > 0) return wrong(`unknown strikes: ${unknown.join(', ')}. Known: ${names}`)
  const minutes = Number(values.minutes)
  if (values.minutes === '' || !(minutes >= 0 && Number.isFinite(minutes))) return wrong('--minutes must be 0 or more')
  const users = Number(values.users)
  if (!Number.isInteger(users) || users < 1) return wrong('--users must be a whole number of at least 1')
  return { ...values, minutes, users, strikes: allStrikes.filter(({ name }) => !chosen || chosen.includes(name)) }
}
