// Leaves for the lock page after a time without any sign of the person, and takes what the page shows off the screen first.
// The server ends the session by itself; this only keeps an abandoned screen from showing anything.
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static values = { url: String, seconds: Number }
  #timer
  #deadline = 0

  connect() { this.active() }

  disconnect() { clearTimeout(this.#timer) }

  active() {
    this.#deadline = Date.now() + this.secondsValue * 1000
    if (!this.#timer) this.#wait()
  }

  // A machine that slept past the time wakes to the lock page.
  wake() { if (document.visibilityState === "visible" && Date.now() >= this.#deadline) this.#leave() }

  #wait() {
    this.#timer = setTimeout(() => { Date.now() >= this.#deadline ? this.#leave() : this.#wait() }, Math.max(1000, this.#deadline - Date.now()))
  }

  #leave() {
    document.body.replaceChildren()
    location.replace(this.urlValue)
  }
}
