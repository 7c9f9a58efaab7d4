// The script of every page. All pages also work without it.
import {
  Button,
  Checkboxes,
  Code,
  ErrorSummary,
  FileUpload,
  Header,
  NotificationBanner,
  PasswordInput,
  Radios,
  Scroll,
  SkipLink,
  Tabs,
  createAll,
} from "nhsuk-frontend"
import htmx from "htmx.org"
import { watchLinks } from "./clipboard.js"
import { nameDropButtons } from "./files.js"
import { watchAutoSubmit } from "./filters.js"
import { watchGrid } from "./grid.js"
import { keepFocusOfMenu } from "./menu.js"
import { watchCharts } from "./pointing.js"
import { watchProgress } from "./progress.js"
import { watchSession } from "./session.js"
import { watchTables } from "./tables.js"

const COMPONENTS = [
  Button,
  Checkboxes,
  Code,
  ErrorSummary,
  FileUpload,
  Header,
  NotificationBanner,
  PasswordInput,
  Radios,
  Scroll,
  SkipLink,
  Tabs,
]

// The Content-Security-Policy allows neither inline styles nor evaluated code.
htmx.config.includeIndicatorStyles = false
htmx.config.allowEval = false
htmx.config.allowScriptTags = false
htmx.config.selfRequestsOnly = true
htmx.config.historyCacheSize = 0

function enhance(scope) {
  for (const component of COMPONENTS) createAll(component, undefined, scope)
  nameDropButtons(scope)
  watchCharts(scope)
  watchGrid(scope)
  watchTables(scope)
  watchLinks(scope)
}

enhance(document)
watchSession(document.querySelector("[data-session]"))
watchAutoSubmit(document)
keepFocusOfMenu(document)
watchProgress(document)

// Enhance elements that htmx adds to the page, each once.
htmx.onLoad((element) => {
  if (element !== document.body) enhance(element)
})
