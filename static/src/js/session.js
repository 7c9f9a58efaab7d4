// Warns two minutes before a session ends, and offers to keep it. Tabs tell one another when it ends, so that work in
// one keeps the others quiet. The server alone decides; a page only repeats what it was told.
const ENDS = "pooledcare-session-ends"
const SECOND = 1000

function remaining() {
  return Math.ceil((Number(localStorage.getItem(ENDS)) - Date.now()) / SECOND)
}

function remember(ends) {
  localStorage.setItem(ENDS, String(ends))
}

function inWords(left) {
  if (left > 60) return `${Math.ceil(left / 60)} minutes`
  return left > 30 ? "1 minute" : `${Math.max(left, 0)} seconds`
}

function isNear(dialog) {
  return remaining() <= Number(dialog.dataset.warn)
}

async function extend(dialog) {
  const form = dialog.querySelector("form")
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" })
  if (!answer.ok) return location.reload()
  remember(Date.parse(answer.headers.get("X-Session-Ends")))
  // Twelve hours are the most: then nothing more can be offered, and it is said once.
  if (isNear(dialog)) dialog.dataset.final = "said"
  return dialog.close()
}

function leave(dialog) {
  const here = encodeURIComponent(location.pathname + location.search)
  location.assign(`${dialog.dataset.ended}?next=${here}`)
}

function tick(dialog) {
  const left = remaining()
  if (left <= 0) {
    leave(dialog)
  } else if (isNear(dialog)) {
    const words = inWords(left)
    const count = dialog.querySelector("[data-session-left]")
    // A screen reader is told once a minute, then every ten seconds of the last half minute.
    if (count.textContent !== words && (left > 30 || left % 10 === 0)) count.textContent = words
    if (!dialog.open && !dialog.dataset.final) dialog.showModal()
  } else if (dialog.open) {
    dialog.close()
  }
}

export function watchSession(dialog) {
  if (!dialog || typeof dialog.showModal !== "function") return
  remember(Date.now() + Number(dialog.dataset.left) * SECOND)
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault()
    extend(dialog)
  })
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault()
    extend(dialog)
  })
  setInterval(() => tick(dialog), SECOND)
}
