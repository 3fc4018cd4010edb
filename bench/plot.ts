// Draws series of points on logarithmic axes as SVG, for a page in light and dark.

interface Series {
  readonly title: string
  /** x and y, both above 0. */
  readonly points: readonly (readonly [number, number])[]
}

export interface Panel {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
}

const width = 440
const height = 432
const box = { left: 62, right: 16, top: 40, bottom: 158 }
const colors = [
  '#2a6fb0',
  '#c2571a',
  '#2e8b57',
  '#8a4fa3',
  '#a08a1c',
  '#666666',
  '#c2185b',
  '#00838f',
]

/** The panels side by side, two in a row. */
export function plot(panels: readonly Panel[]): string {
  const rows = Math.ceil(panels.length / 2)
  const parts = panels.map((panel, index) => {
    const [left, top] = [(index % 2) * width, Math.floor(index / 2) * height]
    return `<g transform="translate(${left} ${top})">${draw(panel)}</g>`
  })
  const size = `width="${width * 2}" height="${height * rows}"`
  const view = `viewBox="0 0 ${width * 2} ${height * rows}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${view} font-family="sans-serif" font-size="11">`,
    `<title>${escaped(panels.map(({ title }) => title).join(', '))}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function draw({ title, x, y, series }: Panel): string {
  const points = series.flatMap((each) => each.points)
  const xs = scale(
    points.map(([value]) => value),
    box.left,
    width - box.right,
  )
  const ys = scale(
    points.map(([, value]) => value),
    height - box.bottom,
    box.top,
  )
  const lines = series.map((each, index) => line(each, index, xs.at, ys.at))
  return [
    `<text x="${box.left}" y="16" font-size="13" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${box.left}" y="30" fill="#555">${escaped(y)}</text>`,
    `<text x="${width - box.right}" y="${height - box.bottom + 30}" text-anchor="end" fill="#555">${escaped(x)}</text>`,
    ...xs.ticks.map((tick) => {
      const at = xs.at(tick).toFixed(1)
      const foot = height - box.bottom
      return `<path d="M${at} ${box.top}V${foot}" stroke="#e4e4e4"/><text x="${at}" y="${foot + 14}" text-anchor="middle">${label(tick)}</text>`
    }),
    ...ys.ticks.map((tick) => {
      const at = ys.at(tick).toFixed(1)
      return `<path d="M${box.left} ${at}H${width - box.right}" stroke="#e4e4e4"/><text x="${box.left - 6}" y="${at}" dy="4" text-anchor="end">${label(tick)}</text>`
    }),
    ...lines,
  ].join('\n')
}

function line(
  { title, points }: Series,
  index: number,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const color = colors[index % colors.length]
  const places = points.map(([left, top]) => `${x(left).toFixed(1)} ${y(top).toFixed(1)}`)
  const dots = places.map((place) => {
    const [cx, cy] = place.split(' ')
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${color}"/>`
  })
  const said = places.length === 0 ? `${title}: no answer in time` : title
  const legend = `<text x="${box.left + 8}" y="${height - box.bottom + 34 + index * 14}" fill="${color}">${escaped(said)}</text>`
  if (places.length === 0) return legend
  return `<path d="M${places.join('L')}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}${legend}`
}

// Whole powers of ten around the values.
function scale(values: readonly number[], from: number, to: number) {
  const logs = values.filter((value) => value > 0).map(Math.log10)
  const least = Math.floor(Math.min(...logs, 0 + Math.min(...logs)))
  const most = Math.max(least + 1, Math.ceil(Math.max(...logs)))
  const ticks = Array.from({ length: most - least + 1 }, (_, index) => 10 ** (least + index))
  const at = (value: number) => from + ((Math.log10(value) - least) / (most - least)) * (to - from)
  return { ticks, at }
}

const label = (value: number) =>
  value >= 1e6
    ? `${value / 1e6}M`
    : value >= 1000
      ? `${value / 1000}k`
      : String(Number(value.toPrecision(1)))

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
