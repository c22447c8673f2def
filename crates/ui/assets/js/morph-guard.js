// Keeps a live refresh away from what a person is doing (text being typed, a menu or a dialog that stands open) and from what a
// controller has built into the page (`data-enhanced`).
// Listens on the document once, so it outlives every page.
const GUARDED = "[data-morph-guard], form[data-touched], [data-enhanced]"

document.addEventListener("input", ({ target }) => target.closest?.("form[method=post]")?.setAttribute("data-touched", ""))

// What was sent is no longer in danger; what was refused is drawn anew with what was typed.
document.addEventListener("turbo:submit-end", ({ target, detail }) => detail.success && target.removeAttribute("data-touched"))

document.addEventListener("turbo:before-morph-element", (event) => {
  const isRemoved = !event.detail.newElement
  const guards = [event.target.closest(GUARDED), ...(isRemoved ? event.target.querySelectorAll(GUARDED) : [])]
  if (guards.some((guard) => guard && isBusy(guard))) event.preventDefault()
})

// The server always draws these closed; opening them is the person's doing.
document.addEventListener("turbo:before-morph-attribute", (event) => {
  const { attributeName } = event.detail
  const isOpen = attributeName === "open" && event.target.matches("dialog, details")
  const isFound = ["hidden", "aria-expanded"].includes(attributeName) && event.target.closest("[data-controller~=search-box]")?.matches(":focus-within")
  const isBlurred = attributeName === "aria-pressed" && event.target.matches("[data-privacy-target]")
  if (isOpen || isFound || isBlurred) event.preventDefault()
})

function isBusy(guard) {
  return guard.matches("[data-enhanced], [data-unsaved], [data-touched], :focus-within") || guard.querySelector("[data-unsaved], [data-touched]") !== null
}

// A refused form comes back with its messages and with what was typed already in it: that answer replaces the page, it is not
// merged into it, or the guard above would keep the messages out.
let refused = false
document.addEventListener("turbo:before-fetch-response", ({ target, detail }) => {
  if (target instanceof HTMLFormElement) refused = !detail.fetchResponse.succeeded
})
document.addEventListener("turbo:before-render", ({ detail }) => {
  if (refused) detail.render = (current, next) => current.replaceWith(next)
  refused = false
})
