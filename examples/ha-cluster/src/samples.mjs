const everyMs = 2_000
/** A server needs this long until its pools and caches have their size. */
const warmMs = 20_000
/** Growth that is not called flat. */
const most = { memory: 100, descriptors: 40 }

const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]

/** Samples memory and descriptors of the servers, a life of a process each. */
export const sampleServers = (servers) => {
  const lives = new Map()
  const timer = setInterval(() => {
    for (const server of servers) {
      const size = server.size()
      if (!size) continue
      const life = lives.get(server.pid()) ?? { name: server.name, began: performance.now(), samples: [] }
      lives.set(server.pid(), life)
      if (performance.now() - life.began > warmMs) life.samples.push(size)
    }
  }, everyMs)
  timer.unref()

  const growthOf = (samples, name) => {
    const part = Math.max(1, Math.floor(samples.length / 4))
    const values = samples.map((size) => size[name])
    const [first, last] = [median(values.slice(0, part)), median(values.slice(-part))]
    return { first, last, most: Math.max(...values) }
  }
  return {
    stop: () => clearInterval(timer),
    /** The longest life of each server: the first and the last quarter's medians, and the maximum. */
    report: () =>
      servers.flatMap(({ name }) => {
        const longest = [...lives.values()]
          .filter((life) => life.name === name && life.samples.length >= 4)
          .sort((one, other) => other.samples.length - one.samples.length)[0]
        if (!longest) return []
        const { samples } = longest
        return [
          {
            name,
            seconds: Math.round((samples.length * everyMs) / 1_000),
            memory: growthOf(samples, 'memory'),
            descriptors: growthOf(samples, 'descriptors'),
          },
        ]
      }),
  }
}

/** The servers whose memory or descriptors grew. */
export const grown = (report) =>
  report.flatMap((server) =>
    Object.entries(most)
      .filter(([name, limit]) => server[name].last - server[name].first > limit)
      .map(([name]) => `${server.name}: ${name} from ${server[name].first} to ${server[name].last}`),
  )
