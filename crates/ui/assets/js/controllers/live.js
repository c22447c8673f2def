// Redraws the page when the server says that something on it has changed. After sleep or a lost connection it redraws once, since
// it cannot know what it missed. What a person is typing stays (see morph-guard).
import { Controller } from "@hotwired/stimulus"
import { session } from "@hotwired/turbo"

const GATHER = 150
const RETRY = 5000

// A redraw is a visit, and a visit breaks off a form that is on its way, or the answer to it that is still being read: what a
// person sends goes first, and has this long to arrive at its page.
const SETTLE = 1500
let quietUntil = 0
document.addEventListener("turbo:submit-start", () => { quietUntil = Infinity })
document.addEventListener("turbo:submit-end", () => { quietUntil = performance.now() + SETTLE })

export default class extends Controller {
  static values = { url: String }
  #source
  #timer
  #reconnect
  #missed = false

  connect() { this.#open() }

  disconnect() {
    clearTimeout(this.#timer)
    clearTimeout(this.#reconnect)
    this.#source?.close()
  }

  // The page is looked at again, or the machine is back on the network.
  wake() {
    if (document.visibilityState !== "visible") return
    if (this.#source.readyState === EventSource.CLOSED) { this.#missed = true; this.#open() }
    else if (this.#missed) this.#refresh()
  }

  #open() {
    clearTimeout(this.#reconnect)
    this.#source?.close()
    this.#source = new EventSource(this.urlValue)
    this.#source.addEventListener("refresh", () => this.#refresh())
    this.#source.addEventListener("open", () => { if (this.#missed) this.#refresh() })
    this.#source.addEventListener("error", () => {
      this.#missed = true
      if (this.#source.readyState === EventSource.CLOSED) this.#reconnect = setTimeout(() => this.#open(), RETRY)
    })
  }

  // Changes come in bursts; one redraw serves all. A hidden page waits until it is seen.
  #refresh() {
    clearTimeout(this.#timer)
    if (document.visibilityState !== "visible") { this.#missed = true; return }
    this.#timer = setTimeout(() => {
      if (performance.now() < quietUntil || ["initialized", "started"].includes(session.navigator.currentVisit?.state)) return this.#refresh()
      this.#missed = false
      session.refresh(document.baseURI, { method: "morph", scroll: "preserve" })
    }, GATHER)
  }
}
