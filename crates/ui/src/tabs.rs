//! Views of one subject. Tabs are links: each view has its own address.

use maud::{Markup, html};

/// One view.
#[derive(Debug, Clone)]
pub struct Tab<'a> {
    /// Its name.
    pub label: &'a str,
    /// Its address.
    pub href: String,
    /// Whether it is the one shown.
    pub current: bool,
    /// How many things wait in it.
    pub count: Option<u32>,
}

/// The row of views; `label` names it for screen readers.
pub fn tabs(label: &str, items: &[Tab]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            ul role="list" class="tabs__list" {
                @for tab in items {
                    li { a.tabs__tab href=(tab.href) aria-current=[tab.current.then_some("page")] {
                        (tab.label)
                        @if let Some(count) = tab.count.filter(|count| *count > 0) { span.tabs__count { (count) } }
                    } }
                }
            }
        }
    }
}
