// What all charts share: palette, symbols, patterns in addition to colours, number formats, room for names. The server and
// the browser dress the same option with it, so both draw the same picture. Python builds the option without colours.
import { BarChart, LineChart, SankeyChart } from "echarts/charts"
import { AriaComponent, GridComponent, LegendComponent } from "echarts/components"
import { use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import { exact, short } from "./numbers.js"

use([BarChart, LineChart, SankeyChart, AriaComponent, GridComponent, LegendComponent, SVGRenderer])

// Each has a contrast of at least 3:1 against white, and people with common colour deficiencies can tell them apart. At
// most six are used in a chart.
const PALETTE = ["#005eb8", "#28a197", "#801650", "#f46a25", "#3d3d3d", "#a285d1"]
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "pin", "arrow"]
const INK = "#212b32"
const FAINT = "#768692"
export const FONT = { fontFamily: "Arial, sans-serif", fontSize: 14, color: INK }
const NARROW = 480
const LEGEND_ROW = 28

function asList(value) {
  return value === undefined ? [] : [value].flat()
}

// Categories on a vertical axis begin at the top, as in the table.
function axis(given, format, upright) {
  const numeric = given.type === "value" || given.type === "log"
  return {
    nameTextStyle: FONT,
    axisLine: { show: !numeric, lineStyle: { color: FAINT } },
    axisTick: { show: false },
    inverse: upright && !numeric,
    splitLine: { show: numeric, lineStyle: { color: "#d8dde0" } },
    ...given,
    axisLabel: {
      ...FONT,
      hideOverlap: true,
      ...(numeric ? { formatter: (value) => short(value, format) } : { width: 150, lineHeight: 16, overflow: "break" }),
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

function sankey(given, width) {
  return {
    left: 0,
    right: width < NARROW ? 90 : 190,
    top: 8,
    bottom: 8,
    nodeWidth: 14,
    nodeGap: 12,
    draggable: false,
    emphasis: { focus: "adjacency" },
    lineStyle: { color: "source", opacity: 0.35 },
    ...given,
    data: nodes(given),
    label: {
      ...FONT,
      fontSize: width < NARROW ? 12 : 14,
      lineHeight: 16,
      width: width < NARROW ? 84 : 180,
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
    used += needed
  }
  return rows
}

function series(given, index, width) {
  if (given.type === "line") return line(given, index)
  if (given.type === "sankey") return sankey(given, width)
  return { barMaxWidth: 36, ...given }
}

export function dressed(option, { format, summary, width }) {
  const drawn = asList(option.series).map((one, index) => series(one, index, width))
  const named = drawn.filter((one) => one.type !== "sankey" && one.name)
  const legend = named.length > 1 ? legendRows(named.map((one) => one.name), width) : 0
  const bars = drawn.filter((one) => one.type === "bar").length
  const dress = {
    color: PALETTE,
    textStyle: FONT,
    animation: false,
    aria: { enabled: true, label: { description: summary }, decal: { show: bars > 1 } },
    tooltip: {
      trigger: drawn.some((one) => one.type === "sankey") ? "item" : "axis",
      renderMode: "richText",
      confine: true,
      valueFormatter: (value) => exact(value, format),
      textStyle: FONT,
    },
    legend: { show: legend > 0, left: 0, top: 0, textStyle: FONT, itemGap: 20 },
    ...option,
    series: drawn,
  }
  if (option.xAxis) dress.xAxis = asList(option.xAxis).map((one) => axis(one, format, false))
  if (option.yAxis) dress.yAxis = asList(option.yAxis).map((one) => axis(one, format, true))
  if (option.xAxis) {
    dress.grid = { left: 4, right: 36, top: legend * LEGEND_ROW + 16, bottom: 8, containLabel: true, ...option.grid }
  }
  return dress
}
