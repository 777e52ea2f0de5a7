import type { Measured, Sample } from './meter.js'

const [width, height, margin] = [800, 360, 48]

const line = (samples: readonly Sample[], elapsedMs: number, most: number, value: (sample: Sample) => number): string =>
  samples
    .map((sample) => {
      const x = margin + ((width - 2 * margin) * sample.atMs) / Math.max(1, elapsedMs)
      const y = height - margin - ((height - 2 * margin) * value(sample)) / Math.max(1, most)
      return `${x.toFixed(1)},${y.toFixed(1)}`
    })
    .join(' ')

/** Draws the sale as SVG: buyers with a response, and the remaining quantity, each on its own scale. */
export const chart = (title: string, { samples, elapsedMs, answered }: Measured, quantity: number): string => {
  const lines = [
    ['#2563eb', `answered (of ${answered})`, line(samples, elapsedMs, answered, (sample) => sample.answered)],
    ['#dc2626', `left (of ${quantity})`, line(samples, elapsedMs, quantity, ({ won }) => quantity - won)],
  ] as const
  const bottom = height - margin
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="13">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${margin}" y="24" font-size="16">${title}</text>
<path d="M${margin} ${margin}V${bottom}H${width - margin}" fill="none" stroke="#64748b"/>
<text x="${margin}" y="${bottom + 20}">0 s</text>
<text x="${width - margin}" y="${bottom + 20}" text-anchor="end">${(elapsedMs / 1_000).toFixed(2)} s</text>
${lines
  .map(
    ([colour, label, points], index) => `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>
<text x="${width - margin}" y="${24 + index * 18}" text-anchor="end" fill="${colour}">${label}</text>`,
  )
  .join('\n')}
</svg>
`
}
