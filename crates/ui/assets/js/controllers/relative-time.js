// Turns a time into words such as "5 minutes ago" and keeps them true. Without it the page shows the time itself.
import { Controller } from "@hotwired/stimulus"

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]]

export default class extends Controller {
  #timer

  connect() {
    this.element.title ||= this.element.textContent.trim()
    this.say()
    this.#timer = setInterval(() => this.say(), 30000)
  }

  disconnect() { clearInterval(this.#timer) }

  say() {
    const seconds = (new Date(this.element.dateTime) - Date.now()) / 1000
    if (Number.isNaN(seconds)) return
    const [unit, length] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60]
    const format = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" })
    this.element.textContent = format.format(Math.trunc(seconds / length), unit)
  }
}
