//! How things stand beside and below each other: five ways, so that no page needs a class of its own for it.

use maud::{Markup, html};

/// Things below each other at an even distance.
pub fn stack(children: Markup) -> Markup {
    html! { div.stack { (children) } }
}

/// Small things beside each other, wrapping where they must.
pub fn cluster(children: Markup) -> Markup {
    html! { div.cluster { (children) } }
}

/// Two or more groups pushed to the ends of a line.
pub fn spread(children: Markup) -> Markup {
    html! { div.spread { (children) } }
}

/// Cards of equal width, as many in a row as fit.
pub fn grid(children: Markup) -> Markup {
    html! { div.grid { (children) } }
}

/// The main matter left and its context right; one column where there is no room for two.
pub fn split(main: Markup, context: Markup) -> Markup {
    html! { div.split { div.split__body { div.stack { (main) } aside.stack { (context) } } } }
}
