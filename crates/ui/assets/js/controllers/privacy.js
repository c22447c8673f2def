// Blurs names on a screen that others can see. The choice holds for this tab and says nothing of anyone.
import { Controller } from "@hotwired/stimulus"

const KEY = "privacy"

export default class extends Controller {
  static targets = ["button"]

  connect() { this.#show(sessionStorage.getItem(KEY) === "on") }

  buttonTargetConnected() { this.#show(sessionStorage.getItem(KEY) === "on") }

  toggle() {
    const isOn = document.documentElement.dataset.privacy !== "on"
    sessionStorage.setItem(KEY, isOn ? "on" : "off")
    this.#show(isOn)
  }

  #show(isOn) {
    document.documentElement.dataset.privacy = isOn ? "on" : "off"
    for (const button of this.buttonTargets) button.setAttribute("aria-pressed", String(isOn))
  }
}
