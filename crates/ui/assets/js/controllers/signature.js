// Draws a signature into a hidden field as a PNG. Typing one's name is the equal way and needs none of this.
import { Controller } from "@hotwired/stimulus"

export default class extends Controller {
  static targets = ["canvas", "field"]
  #pad
  #resized

  async connect() {
    const { default: SignaturePad } = await import("signature_pad")
    if (!this.element.isConnected || this.#pad) return
    this.#pad = new SignaturePad(this.canvasTarget, { penColor: "#16181d" })
    this.#pad.addEventListener("endStroke", this.#keep)
    this.#resized = new ResizeObserver(() => this.#fit())
    this.#resized.observe(this.canvasTarget)
    this.element.dataset.enhanced = ""
  }

  disconnect() {
    this.#resized?.disconnect()
    this.#pad?.off()
    this.#pad = null
    delete this.element.dataset.enhanced
  }

  clear() {
    this.#pad?.clear()
    this.fieldTarget.value = ""
  }

  #keep = () => {
    this.fieldTarget.value = this.#pad.toDataURL("image/png")
    this.fieldTarget.dispatchEvent(new Event("input", { bubbles: true }))
  }

  // As many dots as the screen has; what is drawn is kept, since a phone that turns must not lose it.
  #fit() {
    const canvas = this.canvasTarget
    const ratio = Math.max(1, devicePixelRatio)
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)]
    if (!width || (canvas.width === width && canvas.height === height)) return
    const strokes = this.#pad.toData()
    ;[canvas.width, canvas.height] = [width, height]
    canvas.getContext("2d").scale(ratio, ratio)
    this.#pad.fromData(strokes)
  }
}
