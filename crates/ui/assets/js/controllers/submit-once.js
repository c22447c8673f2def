// A second press while the first is under way does nothing. The server has its own guard; this spares people the surprise.
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  #isUnderWay = false

  start(event) {
    if (event.type !== "submit") return
    if (this.#isUnderWay) {
      event.preventDefault()
      event.stopImmediatePropagation()
    } else if (!event.defaultPrevented) {
      this.#isUnderWay = true
      event.submitter?.setAttribute("aria-busy", "true")
    }
  }

  // Also when the page comes back from the browser's memory.
  end() {
    this.#isUnderWay = false
    for (const button of this.element.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy")
  }
}
