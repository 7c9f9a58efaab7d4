// The header's menu, which NHS.UK's component closes with Escape, hides the link that has the focus. The focus goes to
// the menu's button first, on the way down to the component's own listener; otherwise it would be lost.
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
