// Brings a person to the summary of what is wrong with a form, and from a line of it to the field.
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  connect() { this.element.focus() }

  go(event) {
    const link = event.target.closest("a[href^='#']")
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)))
    if (!field) return
    event.preventDefault()
    field.focus({ preventScroll: true })
    // The label stands above the field and belongs in view too.
    field.closest(".field, fieldset")?.scrollIntoView({ block: "center" })
  }
}
