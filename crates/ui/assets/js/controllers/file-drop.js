// Lists the chosen files and shows that the place takes what is dragged over it. The field beneath takes the drop by itself.
import { Controller } from "@hotwired/stimulus"

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"]

export default class extends Controller {
  static targets = ["input", "list"]

  over() { this.element.dataset.over = "" }

  out() { delete this.element.dataset.over }

  changed() {
    this.out()
    this.listTarget.replaceChildren(...[...this.inputTarget.files].map((file) => {
      const line = document.createElement("li")
      line.textContent = `${file.name} (${size(file.size)})`
      return line
    }))
  }
}

function size(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: UNITS[power], maximumFractionDigits: power > 1 ? 1 : 0 })
  return format.format(bytes / 1000 ** power)
}
