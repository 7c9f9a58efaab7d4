// Draws over the table that is always on the page. Python says what is drawn (an ECharts option without colours);
// here it gets the looks of the house: palette, number formats, patterns beside colours, and no animation.
import { BarChart, LineChart, SankeyChart } from "echarts/charts"
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components"
import { init, use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import { exact, short } from "./numbers.js"

use([BarChart, LineChart, SankeyChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

// Each is at least 3 : 1 against white and told apart with the common colour deficiencies; at most six a chart.
const PALETTE = ["#005eb8", "#28a197", "#801650", "#f46a25", "#3d3d3d", "#a285d1"]
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "pin", "arrow"]
const INK = "#212b32"
const FAINT = "#768692"
const FONT = { fontFamily: "Arial, sans-serif", fontSize: 14, color: INK }
const NARROW = 480

function asList(value) {
  return value === undefined ? [] : [value].flat()
}

function axis(given, format) {
  const numeric = given.type === "value" || given.type === "log"
  return {
    nameTextStyle: FONT,
    axisLine: { show: !numeric, lineStyle: { color: FAINT } },
    axisTick: { show: false },
    splitLine: { show: numeric, lineStyle: { color: "#d8dde0" } },
    ...given,
    axisLabel: {
      ...FONT,
      hideOverlap: true,
      ...(numeric ? { formatter: (value) => short(value, format) } : { width: 150, overflow: "break" }),
      ...given.axisLabel,
    },
  }
}

function line(given, index) {
  return { symbol: SYMBOLS[index % SYMBOLS.length], symbolSize: 8, lineStyle: { width: 3 }, connectNulls: false, ...given }
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
    label: { ...FONT, fontSize: width < NARROW ? 12 : 14, width: width < NARROW ? 84 : 180, overflow: "break", ...given.label },
  }
}

function series(given, index, width) {
  if (given.type === "line") return line(given, index)
  if (given.type === "sankey") return sankey(given, width)
  return { barMaxWidth: 36, ...given }
}

export function dressed(option, { format, summary, width }) {
  const drawn = asList(option.series).map((one, index) => series(one, index, width))
  const named = drawn.filter((one) => one.type !== "sankey" && one.name)
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
    legend: { show: named.length > 1, type: "scroll", left: 0, top: 0, textStyle: FONT, itemGap: 20 },
    ...option,
    series: drawn,
  }
  if (option.xAxis) dress.xAxis = asList(option.xAxis).map((one) => axis(one, format))
  if (option.yAxis) dress.yAxis = asList(option.yAxis).map((one) => axis(one, format))
  if (option.xAxis) dress.grid = { left: 4, right: 24, top: named.length > 1 ? 48 : 16, bottom: 8, containLabel: true, ...option.grid }
  return dress
}

function draw(element) {
  const option = JSON.parse(element.dataset.chart)
  const { format, summary } = element.dataset
  const chart = init(element, null, { renderer: "svg" })
  const show = () => chart.setOption(dressed(option, { format, summary, width: element.clientWidth }), true)
  show()
  new ResizeObserver(() => {
    chart.resize()
    show()
  }).observe(element)
}

function drawAll(root) {
  for (const element of root.querySelectorAll("[data-chart]:not([_echarts_instance_])")) draw(element)
}

drawAll(document)
document.body.addEventListener("htmx:load", (event) => drawAll(event.target))
