// Warns two minutes before an idle session ends, and offers to keep it. Tabs tell one another when a person was last
// seen, so that work in one keeps the others quiet. The server alone decides when a session is over.
const LAST_SEEN = "pooledcare-last-seen"
const SECOND = 1000

function seconds(dialog, name) {
  return Number(dialog.dataset[name])
}

function remaining(dialog) {
  const lastSeen = Number(localStorage.getItem(LAST_SEEN))
  return Math.ceil(seconds(dialog, "idle") - (Date.now() - lastSeen) / SECOND)
}

function inWords(left) {
  if (left > 60) return `${Math.ceil(left / 60)} minutes`
  return left > 30 ? "1 minute" : `${left} seconds`
}

function markSeen() {
  localStorage.setItem(LAST_SEEN, String(Date.now()))
}

async function extend(dialog) {
  const form = dialog.querySelector("form")
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" })
  if (!answer.ok) return location.reload()
  markSeen()
  dialog.close()
}

function tick(dialog) {
  const left = remaining(dialog)
  if (left <= 0) {
    location.assign(dialog.dataset.ended)
  } else if (left <= seconds(dialog, "warn")) {
    const words = inWords(left)
    const count = dialog.querySelector("[data-session-left]")
    // A screen reader is told once a minute, then every ten seconds of the last half minute.
    if (count.textContent !== words && (left > 30 || left % 10 === 0)) count.textContent = words
    if (!dialog.open) dialog.showModal()
  } else if (dialog.open) {
    dialog.close()
  }
}

export function watchSession(dialog) {
  if (!dialog || typeof dialog.showModal !== "function") return
  markSeen()
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
