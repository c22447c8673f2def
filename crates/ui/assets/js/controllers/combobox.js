// Finds an option of a select by typing. The select stays in the form and keeps the value; without this it is used as it is.
import { Controller } from "@hotwired/stimulus"

let count = 0

export default class extends Controller {
  static targets = ["select"]
  #input
  #list
  #shown = []
  #active = -1

  connect() {
    const select = this.selectTarget
    this.#list = make("ul", { id: `combobox-${count += 1}`, class: "combobox__list", role: "listbox", hidden: "" })
    this.#input = make("input", {
      type: "text", id: select.id, class: select.className, role: "combobox", autocomplete: "off", "aria-expanded": "false",
      "aria-autocomplete": "list", "aria-controls": this.#list.id, "data-combobox-input": "",
      "data-action": "input->combobox#typed focus->combobox#opened blur->combobox#left keydown->combobox#key",
    })
    for (const name of ["aria-describedby", "aria-invalid", "disabled"]) if (select.hasAttribute(name)) this.#input.setAttribute(name, select.getAttribute(name))
    this.#list.setAttribute("data-action", "mousedown->combobox#pressed")
    this.#input.value = this.#words()
    select.removeAttribute("id")
    select.hidden = true
    select.after(this.#input, this.#list)
    this.element.dataset.enhanced = ""
  }

  // A cached page gets its plain select back, so that nothing is enhanced twice.
  disconnect() {
    if (!this.#input) return
    this.selectTarget.id = this.#input.id
    this.selectTarget.hidden = false
    delete this.element.dataset.enhanced
    this.#input.remove()
    this.#list.remove()
  }

  opened() { this.#input.select(); this.#show("") }

  typed() { this.#show(this.#input.value) }

  left() {
    this.#close()
    if (this.#input.value === "") this.#choose(this.#options().find((option) => option.value === ""))
    this.#input.value = this.#words()
  }

  // A press must not take the focus before it has chosen.
  pressed(event) {
    event.preventDefault()
    const index = [...this.#list.children].indexOf(event.target.closest("[role=option]"))
    if (index >= 0) this.#choose(this.#shown[index])
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) { if (this.#list.hidden) this.#show(""); this.#mark((this.#active + step + this.#shown.length) % Math.max(1, this.#shown.length)) }
    else if (event.key === "Enter" && !this.#list.hidden && this.#shown[this.#active]) this.#choose(this.#shown[this.#active])
    else if (event.key === "Escape" && !this.#list.hidden) { this.#close(); this.#input.value = this.#words() }
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #options() { return [...this.selectTarget.options].filter((option) => !option.disabled) }

  #words() { return this.selectTarget.value === "" ? "" : this.selectTarget.selectedOptions[0]?.label ?? "" }

  #show(text) {
    const words = plain(text).split(/\s+/)
    this.#shown = this.#options().filter((option) => words.every((word) => plain(option.label).includes(word)))
    this.#list.replaceChildren(...this.#shown.map((option, index) => {
      const item = make("li", { id: `${this.#list.id}-${index}`, class: "combobox__option", role: "option", "aria-selected": "false" })
      item.textContent = option.label
      return item
    }))
    this.#list.hidden = this.#shown.length === 0
    this.#input.setAttribute("aria-expanded", String(!this.#list.hidden))
    this.#mark(text && this.#shown.length ? 0 : -1)
  }

  #mark(index) {
    this.#active = index
    for (const [at, item] of [...this.#list.children].entries()) item.setAttribute("aria-selected", String(at === index))
    const item = this.#list.children[index]
    if (item) this.#input.setAttribute("aria-activedescendant", item.id); else this.#input.removeAttribute("aria-activedescendant")
    item?.scrollIntoView({ block: "nearest" })
  }

  #choose(option) {
    this.#close()
    if (!option || option.selected) return
    option.selected = true
    this.#input.value = this.#words()
    for (const type of ["input", "change"]) this.selectTarget.dispatchEvent(new Event(type, { bubbles: true }))
  }

  #close() { this.#list.hidden = true; this.#active = -1; this.#input.setAttribute("aria-expanded", "false"); this.#input.removeAttribute("aria-activedescendant") }
}

// "Müller" is found by "muller".
function plain(text) { return text.trim().normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase() }

function make(name, attributes) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}
