//! A short list of things to do behind one button. It opens by the browser's own means; a script only adds arrows and Escape.

use crate::icon::icon;
use maud::{Markup, html};

/// What a menu tells its controller; the bottom bar's sheet is one too.
pub(crate) const ACTIONS: &str =
    "keydown->menu#key focusout->menu#left click@window->menu#outside turbo:before-cache@document->menu#close";

/// One line of a menu.
#[derive(Debug, Clone)]
pub enum MenuItem<'a> {
    /// Goes somewhere: address, icon name, label.
    Link(String, &'a str, &'a str),
    /// Does something by POST: path, icon name, label.
    Post(String, &'a str, &'a str),
    /// As `Post`, for what takes something away.
    Danger(String, &'a str, &'a str),
    /// A line between groups.
    Divider,
}

/// A menu under a button with words.
pub fn menu(label: &str, csrf: &str, items: &[MenuItem]) -> Markup {
    frame(html! { (label) (icon("chevron-down")) }, None, entries(csrf, items))
}

/// The frame of every menu: what is pressed and what it opens.
pub(crate) fn frame(opener: Markup, label: Option<&str>, body: Markup) -> Markup {
    html! {
        details.menu data-edge=[label.map(|_| "end")] data-controller="menu"
            data-action=(ACTIONS) {
            summary.menu__opener.button data-kind=(if label.is_some() { "quiet" } else { "secondary" }) title=[label] { (opener) @if let Some(label) = label { span.visually-hidden { " " (label) } } }
            div.menu__sheet data-menu-target="items" { (body) }
        }
    }
}

fn entries(csrf: &str, items: &[MenuItem]) -> Markup {
    html! {
        ul.menu__list role="list" {
            @for item in items { (entry(csrf, item)) }
        }
    }
}

fn entry(csrf: &str, item: &MenuItem) -> Markup {
    match item {
        MenuItem::Link(href, icon_name, label) => {
            html! { li { a.menu__item href=(href) { (icon(icon_name)) (label) } } }
        }
        MenuItem::Post(path, icon_name, label) => html! { li { (post(csrf, path, icon_name, label, false)) } },
        MenuItem::Danger(path, icon_name, label) => html! { li { (post(csrf, path, icon_name, label, true)) } },
        MenuItem::Divider => html! { li.menu__divider role="separator" {} },
    }
}

fn post(csrf: &str, path: &str, icon_name: &str, label: &str, danger: bool) -> Markup {
    crate::form::bare(
        path,
        csrf,
        html! {
            button.menu__item type="submit" data-danger[danger] { (icon(icon_name)) (label) }
        },
    )
}
