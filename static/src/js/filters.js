// A select with data-submit-on-change submits its form when it changes. The submit button, for use without JavaScript,
// is hidden.
// Only for selects whose change is easily undone, such as "as at" and the financial year.
export function watchAutoSubmit(root) {
  for (const form of root.querySelectorAll("form[data-submit-on-change]")) {
    form.querySelector("button[type=submit]")?.setAttribute("hidden", "")
    form.addEventListener("change", () => form.requestSubmit())
  }
}
