// When Escape closes the header's menu (an NHS.UK component), the link with the focus is hidden and the focus is lost. So
// this moves the focus to the menu's button first, in the capture phase, before the component's own listener.
export function keepFocusOfMenu(root) {
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return
      root.activeElement?.closest(".nhsuk-header__menu")?.querySelector(".nhsuk-header__menu-toggle")?.focus()
    },
    true,
  )
}
