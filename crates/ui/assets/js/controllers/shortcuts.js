// Keys that work everywhere: `/` or Ctrl-K to search, `g` and a letter for a section, `?` for the list, Ctrl-Enter to send a form.
import { Controller } from "@hotwired/stimulus"
import { visit } from "@hotwired/turbo"

const SECOND_KEY_WITHIN = 1200

export default class extends Controller {
  #goUntil = 0

  key(event) {
    if (event.defaultPrevented || event.isComposing) return
    if (this.#handles(event)) event.preventDefault()
  }

  #handles(event) {
    const isCommand = event.ctrlKey || event.metaKey
    if (isCommand && event.key.toLowerCase() === "k") return this.#search()
    if (isCommand && event.key === "Enter") return this.#submit(event.target)
    if (isCommand || event.altKey || isTyping(event.target) || document.querySelector("dialog:modal")) return false
    if (event.key === "/") return this.#search()
    if (event.key === "?") return this.#list()
    if (Date.now() < this.#goUntil) return this.#go(event.key)
    this.#goUntil = event.key === "g" ? Date.now() + SECOND_KEY_WITHIN : 0
    return false
  }

  #search() {
    const input = document.querySelector("[data-search-box-target~=input]")
    input?.focus()
    input?.select()
    return Boolean(input)
  }

  #submit(target) {
    const form = target.closest?.("form[method=post]")
    form?.requestSubmit(form.querySelector("button[type=submit][data-kind=primary]"))
    return Boolean(form)
  }

  #list() {
    const dialog = document.getElementById("shortcuts")
    dialog?.showModal()
    return Boolean(dialog)
  }

  #go(letter) {
    this.#goUntil = 0
    const link = document.querySelector(`a[data-shortcut="${CSS.escape(letter)}"]`)
    if (link) visit(link.href)
    return Boolean(link)
  }
}

function isTyping(target) { return target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") }
