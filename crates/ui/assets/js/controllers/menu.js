// A menu made of `details`: closes on Escape, on a press outside and when focus leaves; arrows move within it.
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  outside({ target }) { if (!this.element.contains(target)) this.close() }

  left({ relatedTarget }) { if (relatedTarget && !this.element.contains(relatedTarget)) this.close() }

  close() { this.element.open = false }

  key(event) {
    if (!this.element.open) return
    const items = [...this.element.querySelectorAll("a[href], button:not(:disabled)")].filter((item) => item.checkVisibility())
    const at = items.indexOf(document.activeElement)
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key]
    if (event.key === "Escape") {
      this.close()
      this.element.querySelector("summary").focus()
    } else if (next !== undefined && items.length) {
      items[(next + items.length) % items.length].focus()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
}
