/** As wide as a phone, so that its text is never scaled down. */
export const width = 360

const light =
  '--ink:#1f2328;--soft:#59636e;--paper:#fff;--rule:#d8dee4;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b0568c;--c4:#a86f00;--c5:#2f7fb0'
const dark =
  '--ink:#e6edf3;--soft:#a0abb6;--paper:#16181d;--rule:#353b44;--c0:#79b8ff;--c1:#ff9d5c;--c2:#4fd6a5;--c3:#f0a3d0;--c4:#ffc857;--c5:#9ad0f5'

/** In an image the system's setting decides; on the documentation's site, its switch between light and dark. */
const style = `<style>
.bench-chart{${light};font:12px system-ui,sans-serif;max-width:100%;height:auto}
@media (prefers-color-scheme:dark){.bench-chart{${dark}}}
html:not(.dark) .bench-chart{${light}}
html.dark .bench-chart{${dark}}
.bench-chart text{fill:var(--ink)}
.bench-chart .soft{fill:var(--soft)}
.bench-chart .paper{fill:var(--paper)}
.bench-chart .rule{stroke:var(--rule)}
</style>`

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

export const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(content)}</text>`

export interface Picture {
  readonly title: string
  /** What the figures are, below the headline. */
  readonly figures: string
  readonly height: number
}

/** A self-contained SVG. The part of the title before the first comma is its headline. */
export const picture = ({ title, figures, height }: Picture, content: readonly string[]): string => {
  const [headline = '', ...details] = title.split(', ')
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" class="bench-chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    style,
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    text(12, 22, headline, 'font-size="14" font-weight="600"'),
    text(12, 40, [...details, figures].join(' · '), 'class="soft"'),
    ...content,
    '</svg>',
  ].join('\n')}\n`
}
