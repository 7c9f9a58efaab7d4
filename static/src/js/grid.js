// Pointing at rows and columns in the first rows of a sheet. It only fills the fields below, which work without it.
const MODES = [
  ["header", "headings"],
  ["code", "codes of bodies"],
  ["name", "names of bodies"],
  ["amount", "amounts"],
  ["total", "total"],
  ["left_out", "leave out"],
  ["not_read", "not read"],
]
const OF_COLUMNS = ["code", "name", "amount", "not_read"]
const SHORT = { code: "codes", name: "names", amount: "amounts", not_read: "not read" }
const OF_ROWS = { total: "total_rows", left_out: "rows_left_out" }
const ROW_WORDS = { header: "headings", total: "total", left_out: "left out" }

export function watchGrid(scope) {
  const form = scope.querySelector("form[data-layout-sheet]")
  const grid = form?.querySelector("[data-grid]")
  if (!grid || grid.dataset.watched) return
  grid.dataset.watched = "yes"
  const said = document.createElement("p")
  said.setAttribute("role", "status")
  said.className = "nhsuk-body-s"
  said.textContent = "Choose what you point at, then a row’s number, a column’s letter, or a cell."
  grid.prepend(modes(), said)
  for (const place of grid.querySelectorAll("[data-letter], [data-number]")) makeButton(place)
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest("th, td")
    if (!cell || event.target.closest(".pc-grid__modes")) return
    const words = apply(form, grid, cell)
    if (words) said.textContent = words
  })
  form.addEventListener("change", () => mark(form, grid))
}

function modes() {
  const set = document.createElement("fieldset")
  set.className = "pc-grid__modes"
  const legend = document.createElement("legend")
  legend.textContent = "What I point at"
  set.append(legend)
  for (const [value, text] of MODES) {
    const label = document.createElement("label")
    const input = document.createElement("input")
    input.type = "radio"
    input.name = "grid-mode"
    input.value = value
    input.checked = value === "header"
    input.setAttribute("form", "") // It is no answer, so it is not sent with the form.
    label.append(input, ` ${text}`)
    set.append(label)
  }
  return set
}

function makeButton(place) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "pc-grid__button"
  button.textContent = place.textContent
  button.setAttribute("aria-label", `${"letter" in place.dataset ? "Column" : "Row"} ${place.textContent}`)
  place.replaceChildren(button)
}

// Fills the field that the mode is about, and returns what was done in words; nothing for a cell that does not fit.
function apply(form, grid, cell) {
  const mode = grid.querySelector(".pc-grid__modes input:checked").value
  const row = cell.closest("[data-row]")?.dataset.row
  if (OF_COLUMNS.includes(mode)) {
    const heads = grid.querySelectorAll("thead th")
    const column = heads[cell.cellIndex]?.dataset.column
    const select = column === undefined ? null : form.elements[`role-${column}`]
    if (!select) return ""
    select.value = mode
    mark(form, grid)
    return `Column ${heads[cell.cellIndex].querySelector("[data-letter]").textContent}: ${SHORT[mode]}.`
  }
  if (row === undefined) return ""
  if (mode === "header") {
    form.elements.header_row.value = row
    mark(form, grid)
    return `The headings are in row ${row}.`
  }
  const field = form.elements[OF_ROWS[mode]]
  const rows = numbers(field.value)
  const was = rows.delete(Number(row))
  if (!was) rows.add(Number(row))
  field.value = written(rows)
  mark(form, grid)
  return was ? `Row ${row} is one of a body again.` : `Row ${row}: ${ROW_WORDS[mode]}.`
}

// The numbers in a text such as "46, 50-52".
function numbers(text) {
  const found = new Set()
  for (const part of text.split(",")) {
    const match = part.trim().match(/^(\d{1,7})(?:\s*[-–]\s*(\d{1,7}))?$/)
    if (!match) continue
    for (let row = Number(match[1]); row <= Math.min(Number(match[2] ?? match[1]), Number(match[1]) + 4000); row += 1) found.add(row)
  }
  return found
}

function written(rows) {
  return [...rows].sort((one, other) => one - other).join(", ")
}

// Shows in the grid what the fields say.
function mark(form, grid) {
  for (const head of grid.querySelectorAll("thead th[data-column]")) {
    const role = form.elements[`role-${head.dataset.column}`]?.value ?? "not_read"
    const kind = role.startsWith("fills:") ? "value" : role
    head.className = `pc-grid__column pc-grid__column--${kind}`
    head.querySelector("[data-role]").textContent = SHORT[kind] ?? "value"
  }
  const header = Number(form.elements.header_row.value)
  const first = header - Number(form.elements.header_rows.value) + 1
  const totals = numbers(form.elements.total_rows.value)
  const left = numbers(form.elements.rows_left_out.value)
  for (const line of grid.querySelectorAll("tr[data-row]")) {
    const row = Number(line.dataset.row)
    const what = row >= first && row <= header ? "header" : totals.has(row) ? "total" : left.has(row) ? "left_out" : ""
    line.className = what && `pc-grid__row--${what}`
    line.querySelector("[data-what]").textContent = ROW_WORDS[what] ?? ""
  }
}
