// Arrow keys move among the items of a list, a table or a grid: to the nearest one in that direction. Home and End go to the ends.
import { Controller } from "@hotwired/stimulus"

const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }
// Straight ahead is nearer than aside.
const ASIDE = 3

export default class extends Controller {
  static targets = ["item"]

  move(event) {
    const item = event.target.closest("[data-nav-list-target~=item]")
    if (!item || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const next = this.#next(item, event.key)
    if (!next) return
    event.preventDefault()
    next.focus()
    next.scrollIntoView({ block: "nearest", inline: "nearest" })
  }

  #next(item, key) {
    const items = this.itemTargets.filter((other) => other.checkVisibility())
    if (key === "Home") return items[0]
    if (key === "End") return items.at(-1)
    return DIRECTIONS[key] && nearest(item, items, DIRECTIONS[key])
  }
}

function nearest(item, items, [right, down]) {
  const from = item.getBoundingClientRect()
  let found = null
  let least = Infinity
  for (const other of items) {
    if (other === item) continue
    const to = other.getBoundingClientRect()
    const [x, y] = [to.left - from.left, to.top - from.top]
    const ahead = x * right + y * down
    const distance = ahead + ASIDE * Math.abs(right ? y : x)
    if (ahead > 1 && distance < least) [found, least] = [other, distance]
  }
  return found
}
