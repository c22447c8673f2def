// Takes a message away after a while, but not from under the pointer or the focus. One that must be answered stays.
import { Controller } from "@hotwired/stimulus"

const SHOWN_FOR = 6000

export default class extends Controller {
  static values = { stay: Boolean }
  #timer

  connect() { if (!this.stayValue) this.#wait() }

  disconnect() { clearTimeout(this.#timer) }

  dismiss() { this.element.remove() }

  #wait() {
    this.#timer = setTimeout(() => { this.element.matches(":hover, :focus-within") ? this.#wait() : this.dismiss() }, SHOWN_FOR)
  }
}
