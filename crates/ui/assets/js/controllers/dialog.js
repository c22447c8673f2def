// Opens and closes a dialog by `command` and `commandfor` where the browser does not do so itself, and on a press beside it.
import { Controller } from "@hotwired/stimulus"

const isNative = "command" in HTMLButtonElement.prototype
const closesItself = "closedBy" in HTMLDialogElement.prototype

export default class extends Controller {
  press(event) {
    const button = isNative ? null : event.target.closest(`[commandfor="${CSS.escape(this.element.id)}"]`)
    const command = button?.getAttribute("command")
    if (command === "show-modal" && !this.element.open) this.element.showModal()
    else if (command === "close" || (!closesItself && event.target === this.element)) this.element.close()
  }

  // A page kept for the way back is kept with its dialogs closed.
  close() { if (this.element.open) this.element.close() }
}
