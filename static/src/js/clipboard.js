// Puts text on the clipboard, and says so in the place of the words of the button that was pressed.
const SAID_FOR_MS = 3000

// For pages that are not served over HTTPS, where browsers offer no clipboard to scripts.
function copyBySelection(text) {
  const focused = document.activeElement
  const area = document.createElement("textarea")
  area.value = text
  document.body.append(area)
  area.select()
  const done = document.execCommand("copy")
  area.remove()
  focused?.focus()
  return done
}

async function write(text) {
  if (!navigator.clipboard) return copyBySelection(text)
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function say(words) {
  let status = document.querySelector("#pc-copied")
  if (!status) {
    status = document.createElement("p")
    status.id = "pc-copied"
    status.className = "nhsuk-u-visually-hidden"
    status.setAttribute("role", "status")
    document.querySelector("main").append(status)
  }
  status.textContent = words
}

export async function copied(text, button) {
  const words = (await write(text)) ? "Copied" : "Your browser did not allow copying"
  say(words)
  if (!button || button.dataset.words) return
  button.dataset.words = button.innerHTML
  button.textContent = words
  setTimeout(() => {
    button.innerHTML = button.dataset.words
    delete button.dataset.words
  }, SAID_FOR_MS)
}

// A link that is copied when it is pressed; without scripts it leads to what it names.
export function watchLinks(root) {
  for (const link of root.querySelectorAll("a[data-copy-link]:not([data-watched])")) {
    link.dataset.watched = ""
    link.firstChild.textContent = link.dataset.copyLink || "Copy the link"
    link.addEventListener("click", (event) => {
      event.preventDefault()
      copied(link.href, link)
    })
  }
}
