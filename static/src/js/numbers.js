// Formats numbers as the pages do: £1,234.56 in full, £1.06bn on an axis. A missing number is in words, never 0.
const PENNIES = new Intl.NumberFormat("en-GB", { style: "currency", currency: "GBP" })
const POUNDS = new Intl.NumberFormat("en-GB", { style: "currency", currency: "GBP", maximumFractionDigits: 0 })
const PLAIN = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 })
const SCALES = [
  [1e9, "bn"],
  [1e6, "m"],
  [1e3, "k"],
]

function missing(value) {
  return value === null || value === undefined || value === "" || value === "-"
}

export function exact(value, format) {
  if (missing(value)) return "No data"
  const number = Number(value)
  if (format === "pounds") return (Number.isInteger(number) ? POUNDS : PENNIES).format(number)
  return format === "percent" ? `${PLAIN.format(number)}%` : PLAIN.format(number)
}

export function short(value, format) {
  if (missing(value)) return "No data"
  const number = Number(value)
  if (format === "percent") return `${PLAIN.format(number)}%`
  const [scale, suffix] = SCALES.find(([size]) => Math.abs(number) >= size) ?? [1, ""]
  const text = PLAIN.format(Math.abs(number) / scale) + suffix
  return `${number < 0 ? "\u2212" : ""}${format === "pounds" ? "£" : ""}${text}`
}
