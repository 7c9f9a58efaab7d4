// Tells listeners how far the work is, only when the words change, though the bar moves with every answer.
export function watchProgress(root) {
  root.body.addEventListener("htmx:afterSwap", (event) => {
    const region = event.target.closest("[data-progress]")
    const words = region?.querySelector("[data-announce]")?.dataset.announce
    const status = region?.querySelector("[data-progress-status]")
    if (words && status && status.textContent !== words) status.textContent = words
  })
}
