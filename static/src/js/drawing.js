// Runs on the server, in V8 without a page: `drawn` returns an ECharts option as the text of an SVG. The option is
// dressed as in the browser. The text has no style attributes, which the Content-Security-Policy forbids, and its ids
// begin with the id that was asked for. Called by pooledcare/kernel/drawing_program.py.
import { init } from "echarts/core"
import { FONT, dressed } from "./dress.js"

// The parts of a style that are attributes in SVG too; the family is on the root.
const STYLES = { "font-size": true, "font-style": true, "font-weight": true, "font-family": false }
// Said by the root, meant for a pointer, or replaced below. Those of ECharts say which datum a mark belongs to.
const LEFT_OUT = new Set([
  "style",
  "pointer-events",
  "xml:space",
  "dominant-baseline",
  "ecmeta_series_index",
  "ecmeta_data_index",
  "ecmeta_ssr_type",
  "ecmeta_silent",
])
// The middle of a line of text above its baseline. Said in numbers, because few programs for documents know
// `dominant-baseline`.
const MIDDLE = 0.35

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

// A hundredth of a pixel is less than anybody sees. An arc keeps its digits: the ends of a circle are closer together.
function rounded(value) {
  if (/A/.test(value)) return String(value)
  return String(value).replace(/-?\d+\.\d{3,}(e-\d+)?/g, (digits) => String(Number(Number(digits).toFixed(2))))
}

function fontOf(style) {
  const found = {}
  for (const rule of style.split(";").filter(Boolean)) {
    const [name, value] = rule.split(":")
    if (!(name in STYLES)) throw new Error(`No attribute of SVG is known for this style: ${rule}`)
    if (STYLES[name]) found[name] = value.replace("px", "")
  }
  return found
}

// A mark keeps the numbers of its series and its datum. Those of the legend are no marks.
function markOf(attributes) {
  if (attributes.ecmeta_ssr_type !== "chart") return {}
  return { "data-series": attributes.ecmeta_series_index, "data-datum": attributes.ecmeta_data_index }
}

// Identifiers in the order in which they are met, so that the same chart always has the same text.
function namer(id) {
  const names = new Map()
  return (own) => {
    if (!names.has(own)) names.set(own, `${id}-${names.size + 1}`)
    return names.get(own)
  }
}

// A text has its size only if it differs from that of the root, and its base line in numbers.
function textAttributes(attributes) {
  const { "font-size": size = FONT.fontSize, ...font } = fontOf(attributes.style ?? "")
  const y = Number(attributes.y ?? 0) + MIDDLE * size
  return { y, ...(Number(size) === FONT.fontSize ? {} : { "font-size": size }), ...font }
}

function attributesOf({ tag, attrs }, name) {
  const all = { ...attrs, ...(tag === "text" ? textAttributes(attrs) : {}), ...markOf(attrs) }
  return Object.entries(all)
    .filter(([key, value]) => !LEFT_OUT.has(key) && value !== false && value !== undefined && value !== null)
    .map(([key, value]) => {
      const named = key === "id" ? name(value) : String(value).replace(/#(zr[^)]+)/, (_, own) => `#${name(own)}`)
      return ` ${key}="${escaped(rounded(named))}"`
    })
    .join("")
}

// An area that only catches the pointer, such as that around a label.
function isUnseen({ tag, attrs }) {
  const isUnfilled = attrs.fill === "none" || attrs["fill-opacity"] === 0
  const isUnstroked = !attrs.stroke || attrs["stroke-width"] === 0
  return (tag === "path" || tag === "rect") && isUnfilled && isUnstroked
}

function written(node, name) {
  if (isUnseen(node)) return ""
  const open = `<${node.tag}${attributesOf(node, name)}`
  const inner = escaped(node.text ?? "") + (node.children ?? []).map((child) => written(child, name)).join("")
  return inner ? `${open}>${inner}</${node.tag}>` : `${open}/>`
}

export function drawn({ option, format, title, summary, id, width, height }) {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height })
  try {
    chart.setOption(dressed(option, { format, summary, width }))
    const { children } = chart.getZr().painter.renderToVNode({ willUpdate: false, useViewBox: true })
    const name = namer(id)
    const marks = children.map((child) => written(child, name)).join("")
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
      ` role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc" font-family="${FONT.fontFamily}"` +
      ` font-size="${FONT.fontSize}"><title id="${id}-title">${escaped(title)}</title>` +
      `<desc id="${id}-desc">${escaped(summary)}</desc>${marks}</svg>`
    )
  } finally {
    chart.dispose()
  }
}
