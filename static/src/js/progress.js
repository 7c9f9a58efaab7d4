// Announces progress to screen readers only when the text changes, although the bar moves with every response.
export function watchProgress(root) {
  root.body.addEventListener("htmx:afterSwap", (event) => {
    const region = event.target.closest("[data-progress]")
    const words = region?.querySelector("[data-announce]")?.dataset.announce
    const status = region?.querySelector("[data-progress-status]")
    if (words && status && status.textContent !== words) status.textContent = words
  })
}
