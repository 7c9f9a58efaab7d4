// A select marked data-submit-on-change sends its form at once and hides the button that does it without scripts.
// Only for selects whose change is easily undone, such as "as at" and the financial year.
export function watchAutoSubmit(root) {
  for (const form of root.querySelectorAll("form[data-submit-on-change]")) {
    form.querySelector("button[type=submit]")?.setAttribute("hidden", "")
    form.addEventListener("change", () => form.requestSubmit())
  }
}
