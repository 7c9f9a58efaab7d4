// Warns two minutes before a session ends, and offers to extend it. Tabs tell each other when it ends, so that activity
// in one tab stops warnings in the others. Only the server decides when a session ends.
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
  // A session cannot be extended beyond twelve hours: then the warning is shown once, without an offer to extend.
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
    // Announce to screen readers once a minute, then every ten seconds in the last half minute.
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
