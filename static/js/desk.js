/* The desk by keyboard. Arrow keys move through the rows of a list; letters act on the row that has the focus, and can be
   turned off, since some readers' tools type letters of their own. */
(() => {
  "use strict"
  const NAME = "desk-letters"
  const dialog = document.getElementById("keys")
  const rows = () => [...document.querySelectorAll(".accounts tbody th a, .day-table tbody th a")]
  const letters = () => localStorage.getItem(NAME) !== "off"
  const typing = (one) => one.closest("input, select, textarea, [contenteditable]") && one.type !== "checkbox"

  const here = () => rows().findIndex((link) => link.closest("tr").contains(document.activeElement))
  const move = (by) => {
    const all = rows()
    if (!all.length) return false
    const at = here()
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))
    all[next].focus()
    return true
  }
  const follow = (name) => {
    const row = rows()[here()]
    const link = row && row.closest("tr").querySelector(`[data-key="${name}"]`)
    const elsewhere = document.querySelector(`.peek [data-key="${name}"]`)
    const found = link || elsewhere
    if (!found) return false
    if (found.nodeName === "DETAILS") { found.open = true; found.querySelector("textarea, input:not([type=hidden])").focus() }
    else found.click()
    return true
  }
  const search = () => {
    const field = document.getElementById("q")
    if (field) { field.focus(); field.select() } else location.href = dialog.dataset.list
    return true
  }

  // What is finished in place folds up by Escape, whatever was typed there stays.
  const fold = (one) => {
    const sheet = one.closest(".day-table details[open]")
    if (!sheet) return false
    sheet.open = false
    sheet.querySelector("summary").focus()
    return true
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && fold(event.target)) { event.preventDefault(); return }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialog.open) return
    const steps = { ArrowDown: 1, ArrowUp: -1 }
    let done = false
    if (event.key in steps && (here() >= 0 || event.target.matches("body, [tabindex='-1']"))) done = move(steps[event.key])
    else if (event.key === "Escape") done = follow("close")
    else if (letters()) {
      const acts = { j: () => move(1), k: () => move(-1), p: () => follow("peek"), n: () => follow("note"), "/": search,
        "?": () => { dialog.showModal(); return true } }
      done = acts[event.key] ? acts[event.key]() : false
    }
    if (done) event.preventDefault()
  })

  const say = () => { dialog.querySelector("[data-letters]").textContent = dialog.dataset[letters() ? "off" : "on"] }
  dialog.querySelector("[data-letters]").addEventListener("click", () => {
    localStorage.setItem(NAME, letters() ? "off" : "on")
    say()
  })
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false
    button.addEventListener("click", () => dialog.showModal())
  }
  say()

  // What an act came to has the focus, so that Tab goes on from there, unless the address names a place on the page;
  // and out of the peek it is back on its row.
  const nowhere = () => document.activeElement === document.body
  const row = location.hash.startsWith("#r-") && document.getElementById(location.hash.slice(1))
  const said = document.querySelector("main .flash")
  if (nowhere() && said && !location.hash) said.focus()
  else if (row) addEventListener("load", () => nowhere() && row.querySelector("th a").focus())

  // What is only there to be copied is chosen whole.
  document.addEventListener("focusin", (event) => { if (event.target.matches("input[readonly]")) event.target.select() })
})()
