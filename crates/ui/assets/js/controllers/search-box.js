// Shows the first answers while typing. The server sends them as a fragment of options (links with role="option"); without this the
// form leads to the page of results.
import { Controller } from "@hotwired/stimulus"

const WAIT = 120

export default class extends Controller {
  static targets = ["input", "results"]
  static values = { url: String }
  #timer
  #request
  #active = -1

  disconnect() {
    clearTimeout(this.#timer)
    this.#request?.abort()
    this.close()
  }

  typed() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), WAIT)
  }

  left({ relatedTarget }) { if (!this.element.contains(relatedTarget)) this.close() }

  key(event) {
    const options = this.#options()
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && options.length) this.#mark((this.#active + step + options.length) % options.length)
    else if (event.key === "Enter" && options[this.#active]) options[this.#active].click()
    else if (event.key === "Escape" && !this.resultsTarget.hidden) this.close()
    else if (event.key === "Escape") this.inputTarget.blur()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  close() {
    this.resultsTarget.hidden = true
    this.#active = -1
    this.inputTarget.setAttribute("aria-expanded", "false")
    this.inputTarget.removeAttribute("aria-activedescendant")
  }

  async #ask() {
    this.#request?.abort()
    const words = this.inputTarget.value.trim()
    if (words === "") return this.close()
    const request = this.#request = new AbortController()
    try {
      const url = new URL(this.urlValue, location.href)
      url.searchParams.set("q", words)
      const response = await fetch(url, { headers: { accept: "text/html" }, signal: request.signal })
      // Signed out or refused: the full search page says so better than a list can.
      if (!response.ok || response.redirected) return this.close()
      this.#show(await response.text())
    } catch (error) {
      if (error.name !== "AbortError") this.close()
    }
  }

  #show(html) {
    this.resultsTarget.replaceChildren(document.createRange().createContextualFragment(html))
    this.#active = -1
    for (const [index, option] of this.#options().entries()) {
      option.id ||= `${this.resultsTarget.id}-${index}`
      option.tabIndex = -1
    }
    const isOpen = this.resultsTarget.childElementCount > 0 && this.element.contains(document.activeElement)
    this.resultsTarget.hidden = !isOpen
    this.inputTarget.setAttribute("aria-expanded", String(isOpen))
    this.inputTarget.removeAttribute("aria-activedescendant")
  }

  #mark(index) {
    this.#active = index
    for (const [at, option] of this.#options().entries()) option.setAttribute("aria-selected", String(at === index))
    const option = this.#options()[index]
    this.inputTarget.setAttribute("aria-activedescendant", option.id)
    option.scrollIntoView({ block: "nearest" })
  }

  #options() { return [...this.resultsTarget.querySelectorAll("[role=option]")] }
}
