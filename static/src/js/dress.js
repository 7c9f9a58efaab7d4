// What all charts share: palette, symbols, patterns in addition to colours, number formats, room for names. The server
// and the browser dress the same option with it, so both draw the same. Python builds the option without colours.
import { BarChart, LineChart, SankeyChart } from "echarts/charts"
import { AriaComponent, GridComponent, LegendComponent } from "echarts/components"
import { use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import { exact, short } from "./numbers.js"

use([BarChart, LineChart, SankeyChart, AriaComponent, GridComponent, LegendComponent, SVGRenderer])

// Each has a contrast of at least 3:1 against white, and people with common colour deficiencies can tell them apart. At
// most six are used in a chart.
const PALETTE = ["#005eb8", "#28a197", "#801650", "#f46a25", "#3d3d3d", "#a285d1"]
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect"]
const INK = "#212b32"
const FAINT = "#768692"
export const FONT = { fontFamily: "Arial, sans-serif", fontSize: 14, color: INK }
const NARROW = 480
const LEGEND_ROW = 28
const NARROW_LEGEND_ROW = 25
const LEGEND_SIGN = 40

function asList(value) {
  return value === undefined ? [] : [value].flat()
}

// In a narrow chart, at least the first and the last of the numbers below the bars.
const ENDS = { showMinLabel: true, showMaxLabel: true, alignMinLabel: "left", alignMaxLabel: "right" }

// Categories on a vertical axis begin at the top, as in the table.
function axis(given, format, { upright, isNarrow }) {
  const numeric = given.type === "value" || given.type === "log"
  const room = upright ? { width: isNarrow ? 104 : 150, lineHeight: 16, overflow: "break" } : {}
  const words = { interval: 0, ...room }
  return {
    nameTextStyle: FONT,
    axisLine: { show: !numeric, lineStyle: { color: FAINT } },
    axisTick: { show: false },
    inverse: upright && !numeric,
    splitLine: { show: numeric, lineStyle: { color: "#d8dde0" } },
    ...(numeric && isNarrow && !upright ? { splitNumber: 2 } : {}),
    ...given,
    axisLabel: {
      ...FONT,
      hideOverlap: true,
      ...(numeric ? { formatter: (value) => short(value, format) } : words),
      ...(numeric && isNarrow && !upright ? ENDS : {}),
      ...given.axisLabel,
    },
  }
}

function line(given, index) {
  return { symbol: SYMBOLS[index % SYMBOLS.length], symbolSize: 8, lineStyle: { width: 3 }, connectNulls: false, ...given }
}

// A flow has the colour of its source; its target is grey.
function nodes(given) {
  const receivers = new Set(given.links.map((link) => link.target))
  const givers = given.data.filter((node) => !receivers.has(node.name))
  return given.data.map((node) => {
    const place = givers.indexOf(node)
    return { ...node, itemStyle: { color: place < 0 ? FAINT : PALETTE[place % PALETTE.length], ...node.itemStyle } }
  })
}

function sankey(given, isNarrow) {
  return {
    left: 0,
    right: isNarrow ? 90 : 190,
    top: 8,
    bottom: 8,
    nodeWidth: 14,
    draggable: false,
    emphasis: { focus: "adjacency" },
    lineStyle: { color: "source", opacity: 0.35 },
    ...given,
    // Narrow names take three lines, which also stand out below the last node.
    nodeGap: isNarrow ? Math.max(given.nodeGap ?? 0, 46) : (given.nodeGap ?? 12),
    ...(isNarrow ? { bottom: 24 } : {}),
    data: nodes(given),
    label: {
      ...FONT,
      fontSize: isNarrow ? 12 : 14,
      lineHeight: isNarrow ? 14 : 16,
      width: isNarrow ? 84 : 180,
      overflow: "break",
      ...given.label,
    },
  }
}

// A generous estimate of how many lines the legend needs, so that the chart begins below it.
function legendRows(names, width) {
  let rows = 1
  let used = 0
  for (const name of names) {
    const needed = name.length * 8 + 60
    if (used && used + needed > width) {
      rows += 1
      used = 0
    }
    // A name that is longer than the chart is broken into two lines.
    if (name.length * 7 + LEGEND_SIGN > width) rows += 0.5
    used += needed
  }
  return rows
}

function legend(isShown, width, isNarrow) {
  const lines = isNarrow ? { width: width - LEGEND_SIGN, overflow: "break", lineHeight: 15 } : {}
  return { show: isShown, left: 0, top: 0, textStyle: { ...FONT, ...lines }, itemGap: isNarrow ? 10 : 20 }
}

function series(given, index, isNarrow) {
  if (given.type === "line") return line(given, index)
  if (given.type === "sankey") return sankey(given, isNarrow)
  return { barMaxWidth: 36, ...given }
}

// In a narrow chart each amount has a line of its own below its name: a tooltip ends at the edges of the chart.
function tooltip(isItem, isNarrow, format) {
  const inLines = (given) => {
    const points = asList(given)
    const lines = points.flatMap(({ seriesName, name, value }) => [isItem ? name : seriesName, exact(value, format)])
    return [...(isItem ? [] : [points[0].name]), ...lines].join("\n")
  }
  return {
    trigger: isItem ? "item" : "axis",
    renderMode: "richText",
    confine: true,
    valueFormatter: (value) => exact(value, format),
    ...(isNarrow ? { formatter: inLines, padding: 6 } : {}),
    textStyle: isNarrow ? { ...FONT, fontSize: 12 } : FONT,
  }
}

export function dressed(option, { format, summary, width }) {
  const isNarrow = width < NARROW
  const drawn = asList(option.series).map((one, index) => series(one, index, isNarrow))
  const named = drawn.filter((one) => one.type !== "sankey" && one.name)
  const rows = named.length > 1 ? legendRows(named.map((one) => one.name), width) : 0
  const bars = drawn.filter((one) => one.type === "bar").length
  const dress = {
    color: PALETTE,
    textStyle: FONT,
    animation: false,
    aria: { enabled: true, label: { description: summary }, decal: { show: bars > 1 } },
    tooltip: tooltip(drawn.some((one) => one.type === "sankey"), isNarrow, format),
    legend: legend(rows > 0, width, isNarrow),
    ...option,
    series: drawn,
  }
  if (option.xAxis) dress.xAxis = asList(option.xAxis).map((one) => axis(one, format, { upright: false, isNarrow }))
  if (option.yAxis) dress.yAxis = asList(option.yAxis).map((one) => axis(one, format, { upright: true, isNarrow }))
  if (option.xAxis) {
    const top = rows * (isNarrow ? NARROW_LEGEND_ROW : LEGEND_ROW) + 16
    dress.grid = { left: 4, right: isNarrow ? 20 : 36, top, bottom: 8, containLabel: true, ...option.grid }
  }
  return dress
}
