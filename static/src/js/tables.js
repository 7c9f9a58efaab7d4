// Copies a table so that it can be pasted into a spreadsheet: by a button beside its downloads, or by Ctrl+C or Cmd+C
// while the focus is on the table and nothing is selected. Notes in cells are left out, and
// meanings of headings.
import { copied } from "./clipboard.js"

const REGION = ".nhsuk-scroll__content"

function textOf(cell) {
  const copy = cell.cloneNode(true)
  for (const extra of copy.querySelectorAll(".pc-note, .pc-term, .nhsuk-u-visually-hidden")) extra.remove()
  return copy.textContent.replace(/\s+/g, " ").trim()
}

// Lines of cells with tabs between them, headings first.
function tableText(table) {
  return [...table.rows].map((row) => [...row.cells].map(textOf).join("\t")).join("\n")
}

function addButton(table) {
  const place = table.querySelector(".pc-downloads__more")
  if (!place) return
  const button = document.createElement("button")
  button.type = "button"
  button.className = "pc-copy"
  button.textContent = "Copy the table"
  button.addEventListener("click", () => copied(tableText(table.querySelector("table")), button))
  place.prepend(button)
}

function watchKeys(table) {
  table.querySelector(REGION)?.addEventListener("keydown", (event) => {
    if (event.key !== "c" || !(event.ctrlKey || event.metaKey) || !getSelection().isCollapsed) return
    if (event.target !== event.currentTarget) return
    event.preventDefault()
    copied(tableText(table.querySelector("table")), table.querySelector(".pc-copy"))
  })
}

export function watchTables(root) {
  for (const table of root.querySelectorAll(".pc-table:not([data-copied])")) {
    table.dataset.copied = ""
    addButton(table)
    watchKeys(table)
  }
}
