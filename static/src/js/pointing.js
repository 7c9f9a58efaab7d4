// A chart is a picture until somebody points at it, taps it or moves the focus there. Only then the script of 200 KB
// that makes it interactive is loaded.
const SIGNS = ["pointerenter", "touchstart", "focus"]

async function wake(element) {
  const { takeOver } = await import(element.dataset.script)
  takeOver(element)
}

function watch(element) {
  element.tabIndex = 0
  const once = async () => {
    for (const sign of SIGNS) element.removeEventListener(sign, once)
    try {
      await wake(element)
    } catch (failure) {
      // The picture stays; the next sign is another attempt.
      console.error("The interactive chart could not be loaded.", failure)
      watch(element)
    }
  }
  for (const sign of SIGNS) element.addEventListener(sign, once, { passive: true })
}

export function watchCharts(root) {
  for (const element of root.querySelectorAll("[data-chart]:not([tabindex])")) watch(element)
}
