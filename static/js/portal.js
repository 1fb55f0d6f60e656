/* What the pages gain with JavaScript: every form and link works without it. */
(() => {
  "use strict"

  // A button that has been pressed says so after 300 ms; a second press of the same form is ignored.
  const busy = (form, button) => {
    if (!button || button.getAttribute("aria-busy") === "true") return
    const timer = setTimeout(() => {
      button.dataset.was = button.textContent
      button.setAttribute("aria-busy", "true")
      if (button.classList.contains("btn")) button.textContent = document.body.dataset.saving
    }, 300)
    form.dataset.busy = timer
  }
  const rest = (form) => {
    clearTimeout(form.dataset.busy)
    delete form.dataset.busy
    for (const button of form.querySelectorAll("[aria-busy]")) {
      button.removeAttribute("aria-busy")
      if (button.dataset.was) button.textContent = button.dataset.was
    }
  }
  document.addEventListener("submit", (event) => {
    const form = event.target
    if (form.dataset.busy) { event.preventDefault(); event.stopImmediatePropagation(); return }
    if (form.method === "post") busy(form, event.submitter || form.querySelector("button"))
  }, true)
  const restAll = () => document.querySelectorAll("form[data-busy]").forEach(rest)
  addEventListener("pageshow", restAll)
  document.addEventListener("htmx:finally:request", restAll)

  // Errors first: the summary, else the first wrong field.
  const problems = document.getElementById("problems")
  if (problems) problems.focus()

  // After a swap: the address follows, what happened is said, and focus goes to what comes next. The new part carries
  // data-live and data-focus; an error summary comes before both.
  let shown = location.pathname
  document.addEventListener("htmx:after:swap", (event) => {
    const answer = event.detail.ctx.response.raw
    if (answer.redirected) {
      shown = new URL(answer.url).pathname
      history.pushState(null, "", answer.url)
    }
    const said = document.querySelector("[data-live]")
    if (said) {
      document.getElementById("live").textContent = said.dataset.live
      said.removeAttribute("data-live")
    }
    const target = document.getElementById("problems") || document.querySelector("[data-focus]")
    if (target) target.focus()
    follow()
  })
  addEventListener("popstate", () => { if (location.pathname !== shown) location.reload() })

  // The menu closes by Escape and by a click beside it; a form that lies over the rows of My day by Escape.
  const menus = () => document.querySelectorAll("details.menu[open]")
  document.addEventListener("click", (event) => menus().forEach((menu) => menu.contains(event.target) || (menu.open = false)))
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return
    document.querySelectorAll("details:is(.menu,.here[name])[open]").forEach((fold) => {
      fold.open = false
      fold.querySelector("summary").focus()
    })
  })

  // The name as it is typed stands on the line at once.
  for (const line of document.querySelectorAll("[data-shows]")) {
    const field = line.closest("form")?.elements[line.dataset.shows]
    if (!field) continue
    const show = () => { line.textContent = field.value.trim() || "\u00a0" }
    field.addEventListener("input", show)
    show()
  }

  // A follow-up question shows once its answer is chosen; without JavaScript it is always there.
  const follow = () => document.querySelectorAll("[data-when-field]").forEach((part) => {
    const field = part.closest("form").elements[part.dataset.whenField]
    if (!field) return
    const chosen = field.nodeName || !field.length ? [field] : [...field].filter((one) => one.checked)
    part.firstElementChild.hidden = true  // It says when to answer; here the question comes by itself.
    part.hidden = !chosen.some((one) => part.dataset.whenIs.split("|").includes(one.value))
  })
  document.addEventListener("change", follow)
  follow()

  // Printing needs JavaScript, so its button appears only here.
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false
    button.addEventListener("click", () => print())
  }

  // A step's own address may point into a closed <details>: open it.
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1))
    const inside = id && document.getElementById(id)
    const fold = inside && inside.closest("details")
    if (fold && !fold.open) { fold.open = true; inside.scrollIntoView() }
  }
  addEventListener("hashchange", reveal)
  reveal()
})()
