const seconds = (ms) => (ms / 1_000).toFixed(1)
const isTerminal = process.stdout.isTTY === true

const bar = (done, all) => `[${'#'.repeat(done)}${'-'.repeat(all - done)}]`

/** Prints what happens: one line that changes on a terminal, else a line for each strike. */
export const progressOf = (all) => {
  let shown = false
  const clear = () => {
    if (shown) process.stdout.write('\r\u001b[K')
    shown = false
  }
  return {
    say(text) {
      clear()
      console.log(text)
    },
    show(done, text) {
      if (!isTerminal) return
      clear()
      process.stdout.write(`${bar(done, all)} ${done}/${all} ${text}`.slice(0, (process.stdout.columns ?? 100) - 1))
      shown = true
    },
    clear,
  }
}

export const lineOf = ({ name, skipped, error, windowMs, ms, writes, again, note }) => {
  if (skipped !== undefined) return `  ${name.padEnd(16)} skipped: ${skipped}`
  const figures = `window ${seconds(windowMs).padStart(5)} s of ${seconds(ms).padStart(5)} s, ${writes} writes, ${again} retries`
  return `  ${name.padEnd(16)} ${figures}${note ? `; ${note}` : ''}${error ? `; FAILED: ${error}` : ''}`
}

/** The table of a run, in Markdown. */
export const tableOf = ({ strikes, totals, servers, goals }) => {
  const rows = strikes.map(({ title, skipped, windowMs, again, writes, note }) =>
    skipped === undefined
      ? `| ${title} | ${seconds(windowMs)} s | ${again} | ${writes} | ${note ?? ''} |`
      : `| ${title} | skipped | – | – | ${skipped} |`,
  )
  return [
    '| strike | longest time without a write | requests repeated | writes | what happened |',
    '|---|---:|---:|---:|---|',
    ...rows,
    '',
    `- acknowledged: ${totals.orders} orders, ${totals.coupons} coupons; events received: ${totals.events}`,
    `- lost: ${totals.lost}; violations of the audit: ${totals.violations}; responses 500: ${totals.faults}`,
    ...servers.map(
      ({ name, seconds: life, memory, descriptors }) =>
        `- ${name}, ${life} s: ${memory.first} to ${memory.last} MB, ${descriptors.first} to ${descriptors.last} descriptors`,
    ),
    '',
    ...goals.map(
      ({ name, met, wrong }) => `- ${met ? 'met' : 'MISSED'}: ${name}${met ? '' : ` – ${wrong.join('; ')}`}`,
    ),
  ].join('\n')
}
