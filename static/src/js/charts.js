// The interactive chart, which takes the place of the picture that came with the page. `pointing.js` loads this script
// when somebody points at a chart, taps it or moves the focus there.
import { TooltipComponent } from "echarts/components"
import { init, use } from "echarts/core"
import { dressed } from "./dress.js"

use([TooltipComponent])

const LIVE = "pc-chart__drawing--live"
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

// What the arrow keys visit: the nodes of a Sankey diagram, otherwise the categories; a tooltip shows all their series.
function stopsOf({ series }) {
  if (series[0].type === "sankey") return series[0].data.map((_, dataIndex) => ({ seriesIndex: 0, dataIndex }))
  return series[0].data.map((_, dataIndex) => {
    const seriesIndex = series.findIndex((one) => one.data[dataIndex] !== null)
    return { seriesIndex: Math.max(seriesIndex, 0), dataIndex }
  })
}

function walkByKeyboard(element, chart, stops) {
  let at = -1
  const show = (next) => {
    at = Math.min(Math.max(next, 0), stops.length - 1)
    chart.dispatchAction({ type: "showTip", ...stops[at] })
  }
  const hide = () => chart.dispatchAction({ type: "hideTip" })
  element.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === "Escape") return hide()
    if (event.key in STEPS) show(at + STEPS[event.key])
    else if (event.key === "Home") show(0)
    else if (event.key === "End") show(stops.length - 1)
    else return
    event.preventDefault()
  })
  element.addEventListener("blur", () => {
    at = -1
    hide()
  })
}

// Draws in the room of the picture, so that nothing on the page moves. The picture stays, for paper.
export function takeOver(element) {
  const option = JSON.parse(element.dataset.chart)
  const { format, summary } = element.dataset
  const { height } = element.getBoundingClientRect()
  const live = document.createElement("div")
  live.className = "pc-chart__live"
  live.style.height = `${height}px`
  element.append(live)
  element.classList.add(LIVE)
  const chart = init(live, null, { renderer: "svg" })
  const show = () => chart.setOption(dressed(option, { format, summary, width: live.clientWidth }), true)
  show()
  walkByKeyboard(element, chart, stopsOf(option))
  let width = live.clientWidth
  new ResizeObserver(() => {
    if (live.clientWidth === width || !live.clientWidth) return
    width = live.clientWidth
    chart.resize()
    show()
  }).observe(live)
}
