// Keeps the server's draft in step with what is typed, and says so. Without it the Save button does the same. Nothing is kept in the
// browser. A draft is the form's own fields, posted, with `_editor` (this page, by chance) and `_change` (a count), so that the server
// can tell an own late request from somebody else's. The answer may be JSON; what it names, such as `version`, goes back into the form.
import { Controller } from "@hotwired/stimulus"

const LONGEST_WAIT = 5000
const RETRY_FIRST = 2000
const RETRY_LAST = 30000
// Browsers refuse a longer body on a request that outlives its page.
const KEEPALIVE_BYTES_MAX = 60000

export default class extends Controller {
  static targets = ["state", "field", "conflict"]
  static values = { url: String, wait: { type: Number, default: 800 }, saved: String, saving: String, unsaved: String, failed: String }
  #timer
  #retry = RETRY_FIRST
  #dirtySince = 0
  #change = 0
  #kept = 0
  #running = null
  #halted = false
  #editor = crypto.getRandomValues(new Uint32Array(2)).join("-")

  disconnect() {
    clearTimeout(this.#timer)
    if (this.#isDirty) this.#send({ isLast: true })
  }

  changed() {
    this.#change += 1
    this.#dirtySince ||= Date.now()
    this.#halted = false
    this.#say("unsaved", this.unsavedValue)
    this.#schedule(Math.max(0, Math.min(this.waitValue, this.#dirtySince + LONGEST_WAIT - Date.now())))
  }

  // The page goes away, or sleeps: what is typed goes with the last request that a browser still sends.
  leave() { if (this.#isDirty) this.#send({ isLast: true }) }
  warn(event) { if (this.#isDirty) event.preventDefault() }
  // A redraw of this very page takes nothing away.
  visit(event) {
    const isLeaving = event.detail.url !== document.baseURI
    if (isLeaving && this.#isDirty && "failing" in this.element.dataset && !confirm(this.failedValue)) event.preventDefault()
  }

  online() { if (this.#isDirty) this.#schedule(0) }

  // The form itself is sent: its text travels with it, and a draft must not arrive after it.
  submitting() {
    clearTimeout(this.#timer)
    this.#running?.abort()
    this.#kept = this.#change
    this.#dirtySince = 0
    delete this.element.dataset.unsaved
  }

  submitted({ detail }) { if (!detail.success) this.changed() }
  get #isDirty() { return this.#change !== this.#kept }
  #schedule(wait) { clearTimeout(this.#timer); this.#timer = setTimeout(() => this.#send(), wait) }

  async #send({ isLast = false } = {}) {
    if (this.#halted || (this.#running && !isLast)) return
    const change = this.#change
    const running = this.#running = new AbortController()
    if (!isLast) this.#say("saving", this.savingValue)
    try {
      const body = this.#body(change)
      const response = await fetch(this.urlValue, {
        method: "POST", body, keepalive: isLast && String(body).length < KEEPALIVE_BYTES_MAX, signal: running.signal,
        headers: { "accept": "application/json, text/html", "x-csrf-token": token() } })
      await this.#answered(response, change)
    } catch (error) {
      if (error.name !== "AbortError") this.#failed()
    } finally {
      if (this.#running === running) this.#running = null
    }
    if (this.#isDirty && !this.#halted && this.element.isConnected && !("failing" in this.element.dataset)) this.#schedule(this.waitValue)
  }

  #body(change) { return new URLSearchParams([...new FormData(this.element), ["_editor", this.#editor], ["_change", change]]) }

  async #answered(response, change) {
    if (response.status === 409 || response.status === 412) return this.#conflict(await response.text())
    if (!response.ok || response.redirected) return this.#failed()
    const kept = response.headers.get("content-type")?.includes("json") ? await response.json() : {}
    for (const [name, value] of Object.entries(kept)) {
      const field = this.element.elements.namedItem(name)
      if (field?.type === "hidden") field.value = value
    }
    this.#kept = change
    this.#retry = RETRY_FIRST
    this.#dirtySince = this.#isDirty ? Date.now() : 0
    delete this.element.dataset.failing
    if (this.#isDirty) this.#say("unsaved", this.unsavedValue)
    else this.#say("saved", `${this.savedValue} ${kept.saved_at ?? clock()}`)
  }

  // Somebody else has changed the record: both texts are shown, and nothing is sent until the person goes on.
  #conflict(html) {
    this.#halted = true
    if (this.hasConflictTarget) this.conflictTarget.replaceChildren(document.createRange().createContextualFragment(html))
    this.#say("failed", this.failedValue)
  }

  #failed() {
    this.element.dataset.failing = ""
    this.#say("failed", this.failedValue)
    if (!this.element.isConnected) return
    this.#schedule(this.#retry)
    this.#retry = Math.min(this.#retry * 2, RETRY_LAST)
  }

  #say(state, words) {
    this.element.toggleAttribute("data-unsaved", state !== "saved")
    for (const target of this.stateTargets) [target.dataset.state, target.textContent] = [state, words]
  }
}

function token() { return document.querySelector("meta[name=csrf-token]")?.content ?? "" }
function clock() { return new Date().toTimeString().slice(0, 5).replace(/^0/, "") }
