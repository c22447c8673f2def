// Shows the chosen appearance at once; the form around the buttons keeps the choice.
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["button"]

  choose({ params: { name }, currentTarget }) {
    if (name === "light" || name === "dark") document.documentElement.dataset.theme = name
    else delete document.documentElement.dataset.theme
    for (const button of this.buttonTargets) button.setAttribute("aria-pressed", String(button === currentTarget))
  }
}
