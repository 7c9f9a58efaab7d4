// The library's drop button has an accessible name of the label, a hidden comma and the text of the button. Without the
// comma, the name contains exactly the visible text, which people who use voice control say.
export function nameDropButtons(root) {
  for (const button of root.querySelectorAll(".nhsuk-file-upload__drop-button")) {
    const [label] = button.getAttribute("aria-labelledby").split(" ")
    button.querySelector(".nhsuk-u-visually-hidden")?.remove()
    button.setAttribute("aria-labelledby", `${label} ${button.id}`)
  }
}
