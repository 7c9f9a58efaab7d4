// Bundles the front end into static/dist: one style sheet, one small early script, the application script, and the
// chart script, which is loaded when somebody points at a chart. The script with which the server draws charts goes
// into static/server, as no browser needs it. Run by `npm run build`; the results are never committed. Each folder is
// complete before it takes the place of the old one, so that a site that is running can build at the same time.
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import * as sass from "sass"

const here = path.dirname(fileURLToPath(import.meta.url))
const source = path.join(here, "src")
const target = path.join(here, "dist.new")
const server = path.join(here, "server.new")
const modules = path.join(here, "..", "node_modules")

// zrender writes `style` with setAttribute, which a Content-Security-Policy without 'unsafe-inline' refuses. The same
// text through the style object is allowed, so that one call is replaced while bundling; the build stops if it moved.
const allowStrictPolicy = {
  name: "allow-strict-policy",
  setup(bundler) {
    bundler.onLoad({ filter: /zrender[\\/]lib[\\/]svg[\\/]patch\.js$/ }, async ({ path: file }) => {
      const before = await readFile(file, "utf8")
      const call = "elm.setAttribute(key, cur);"
      if (!before.includes(call)) throw new Error(`${file} no longer contains ${call}`)
      const after = before.replaceAll(call, `if (key === "style") elm.style.cssText = cur; else ${call}`)
      return { contents: after, loader: "js" }
    })
  },
}

async function styles() {
  const { css } = sass.compile(path.join(source, "scss", "app.scss"), {
    loadPaths: [modules],
    style: "compressed",
    quietDeps: true,
  })
  await writeFile(path.join(target, "app.css"), css)
}

async function scripts() {
  const common = { bundle: true, minify: true, target: "es2020", legalComments: "none", outdir: target }
  await build({ ...common, entryPoints: [path.join(source, "js", "early.js")], format: "iife" })
  await build({
    ...common,
    entryPoints: [path.join(source, "js", "app.js"), path.join(source, "js", "charts.js")],
    format: "esm",
    plugins: [allowStrictPolicy],
  })
  await build({
    ...common,
    entryPoints: [path.join(source, "js", "drawing.js")],
    outdir: server,
    format: "iife",
    globalName: "drawing",
  })
}

// Our own images, and the icons that the library's style sheet names.
async function images() {
  const ours = path.join(source, "images")
  for (const name of await readdir(ours)) await copyFile(path.join(ours, name), path.join(target, name))
  const library = path.join(modules, "nhsuk-frontend", "dist", "nhsuk", "assets", "images")
  for (const icon of ["cross", "arrow-up", "arrow-down", "arrow-up-down"]) {
    const name = `nhsuk-icon-${icon}.svg`
    await copyFile(path.join(library, name), path.join(target, name))
  }
}

async function replace(folder, complete) {
  const old = `${folder}.old`
  await rm(old, { recursive: true, force: true })
  await rename(folder, old).catch((error) => {
    if (error.code !== "ENOENT") throw error
  })
  await rename(complete, folder)
  await rm(old, { recursive: true, force: true })
}

for (const folder of [target, server]) {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
}
await Promise.all([styles(), scripts(), images()])
await replace(path.join(here, "dist"), target)
await replace(path.join(here, "server"), server)
