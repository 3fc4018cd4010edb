// Draws the charts of a load test with uPlot, all on one axis of time and with one cursor.

/** @typedef {{ label: string, color: string, dash?: number[], stepped?: boolean, filled?: boolean }} Line */
/** @typedef {{ id: string, unit: string, axis: string, lines: Line[], values: (number | null)[][] }} Chart */

/** @type {typeof import('uplot')} */
const Plot = Reflect.get(window, 'uPlot')
/** @type {{ seconds: number[], charts: Chart[] }} */
const { seconds, charts } = JSON.parse(document.getElementById('data')?.textContent ?? '{}')

const height = 190
const whole = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000]
const dark = matchMedia('(prefers-color-scheme: dark)')
/** @type {import('uplot')[]} */
let drawn = []

/** @param {string} name */
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)

/** @param {number} second */
const clock = (second) => `${Math.floor(second / 60)}:${String(second % 60).padStart(2, '0')}`

/** @param {Chart} chart @param {HTMLElement} parent */
function draw({ unit, axis: name, lines, values }, parent) {
  const axis = {
    stroke: color('soft'),
    grid: { stroke: color('line'), width: 1 },
    ticks: { stroke: color('line'), width: 1 },
    labelSize: 20,
    labelFont: '12px system-ui, sans-serif',
  }
  const stepped = Plot.paths.stepped?.({ align: 1 })
  /** @type {import('uplot').Options} */
  const options = {
    width: parent.clientWidth,
    height,
    cursor: { sync: { key: 'load' }, drag: { x: true, y: false } },
    scales: { x: { time: false }, y: { range: (_, _least, most) => [0, (most || 1) * 1.08] } },
    axes: [
      {
        ...axis,
        label: 'minutes:seconds since the start',
        size: 34,
        values: (_, ticks) => ticks.map(clock),
        incrs: [5, 10, 15, 30, 60, 120, 300, 600],
      },
      {
        ...axis,
        label: name,
        size: 56,
        space: 22,
        incrs: unit === ' ms' ? [0.1, 0.2, 0.5, ...whole] : whole,
      },
    ],
    series: [
      { label: 'Time', value: (_, second) => (second === null ? '-' : clock(second)) },
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(line.color),
        width: 2,
        points: { show: false },
        ...(line.dash ? { dash: line.dash } : {}),
        ...(line.filled ? { fill: `${color(line.color)}22` } : {}),
        ...(line.stepped && stepped ? { paths: stepped } : {}),
        value: (/** @type {unknown} */ _, /** @type {number | null} */ value) =>
          value === null ? '-' : `${value.toLocaleString('en-GB')}${unit}`,
      })),
    ],
  }
  return new Plot(options, [seconds, ...values], parent)
}

function drawAll() {
  for (const plot of drawn) plot.destroy()
  drawn = charts.flatMap((chart) => {
    const parent = document.getElementById(chart.id)
    return parent ? [draw(chart, parent)] : []
  })
}

drawAll()
dark.addEventListener('change', drawAll)
addEventListener('resize', () => {
  for (const plot of drawn) {
    const width = plot.root.parentElement?.clientWidth
    if (width && width !== plot.width) plot.setSize({ width, height })
  }
})
