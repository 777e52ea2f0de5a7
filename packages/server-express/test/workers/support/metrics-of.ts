/** The metrics of a server, up to a second old: adds up the series that begin with a text. */
export const metricsOf = async (url: string): Promise<(series: string) => number> => {
  const response = await fetch(`${url}/metrics`, { headers: { connection: 'close' } })
  const lines = (await response.text()).split('\n')
  return (series) =>
    lines.filter((line) => line.startsWith(series)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
