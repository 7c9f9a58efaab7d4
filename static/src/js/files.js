// The library names its drop button by the label, a hidden comma and the button itself. Without the comma the name
// contains exactly what is seen, so that people who speak to their computer can say it.
export function nameDropButtons(root) {
  for (const button of root.querySelectorAll(".nhsuk-file-upload__drop-button")) {
    const [label] = button.getAttribute("aria-labelledby").split(" ")
    button.querySelector(".nhsuk-u-visually-hidden")?.remove()
    button.setAttribute("aria-labelledby", `${label} ${button.id}`)
  }
}
