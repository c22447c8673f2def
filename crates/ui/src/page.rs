//! Whole documents: the frame around every page for staff, for people who are not signed in, and for paper.
//!
//! Titles carry no client's name: they show in the browser's history and on a shared screen.

use crate::banner::Banner;
use crate::toast::Toast;
use crate::{assets, icon::icon, menu, shortcuts};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Light, dark, or what the machine says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the machine is set.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The word that stands for it in forms and in `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the word; anything unknown is the machine's setting.
    pub fn from_name(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// A section in the navigation; only those that the person may use are handed in.
#[derive(Debug, Clone, Default)]
pub struct NavItem {
    /// Its name.
    pub label: &'static str,
    /// Its address.
    pub path: &'static str,
    /// Its icon's name.
    pub icon: &'static str,
    /// The letter that leads there after `g`.
    pub shortcut: Option<char>,
    /// Whether this page belongs to it.
    pub current: bool,
    /// How many things wait there.
    pub count: Option<u32>,
}

/// What is the same on every page of a signed-in person.
#[derive(Debug, Clone, Default)]
pub struct Chrome {
    /// The practice's name.
    pub practice: String,
    /// The person's name.
    pub person: String,
    /// The person's role, in words.
    pub role: String,
    /// The sections that the person may use.
    pub nav: Vec<NavItem>,
    /// The token against forged requests, for the forms of the frame itself.
    pub csrf: String,
    /// A sentence across every page.
    pub banner: Option<Banner>,
    /// The stream that tells this page to refresh itself.
    pub live: Option<String>,
    /// The person's choice of light or dark.
    pub theme: Theme,
}

/// One page.
#[derive(Debug, Clone, Default)]
pub struct Page<'a> {
    /// For the browser's tab and history: no client's name in it.
    pub title: &'a str,
    /// The title line; usually the title again.
    pub heading: Markup,
    /// The one primary action, and at most two others.
    pub actions: Markup,
    /// Views of this page's subject.
    pub tabs: Option<Markup>,
    /// Replaces the title line, as the head of a chart does.
    pub header: Option<Markup>,
    /// What has just been done.
    pub toast: Option<Toast>,
    /// The content.
    pub body: Markup,
    /// Uses the whole width: calendars, wide tables.
    pub wide: bool,
    /// The page shows a form that was refused; its title says so.
    pub has_errors: bool,
}

impl<'a> Page<'a> {
    /// A page whose title line is its title.
    pub fn new(title: &'a str, body: Markup) -> Self {
        Self {
            title,
            heading: html! { (title) },
            body,
            ..Self::default()
        }
    }
}

/// A page for signed-in staff.
pub fn staff(chrome: &Chrome, page: Page) -> Markup {
    let title = format!(
        "{}{} · {}",
        if page.has_errors { "Error: " } else { "" },
        page.title,
        chrome.practice
    );
    let body = html! {
        body.page data-controller="shortcuts theme privacy" data-action="keydown->shortcuts#key" {
            a.skip-link href="#main" { "Skip to content" }
            (rail(chrome))
            div.page__column {
                (top_bar(chrome))
                @if let Some(banner) = &chrome.banner { (crate::banner(banner)) }
                main.page__main id="main" tabindex="-1" data-wide[page.wide] {
                    @if let Some(header) = &page.header { (header) } @else { (title_line(&page)) }
                    @if let Some(tabs) = &page.tabs { (tabs) }
                    div.page__content { (page.body) }
                }
            }
            (bottom_bar(chrome))
            div.toasts id="toasts" aria-live="polite" { @if let Some(toast) = &page.toast { (crate::toast(toast, &chrome.csrf)) } }
            (crate::shortcuts_dialog(&chrome.nav))
            @if let Some(path) = &chrome.live { div hidden data-controller="live"
                data-action="visibilitychange@document->live#wake online@window->live#wake" data-live-url-value=(path) {} }
        }
    };
    document(
        &Head {
            title: &title,
            theme: chrome.theme,
            density: "compact",
            csrf: Some(&chrome.csrf),
            scripts: true,
        },
        body,
    )
}

fn title_line(page: &Page) -> Markup {
    html! {
        header.page__title {
            h1 { (page.heading) }
            @if !page.actions.0.is_empty() { div.page__actions { (page.actions) } }
        }
    }
}

/// The product's mark: a quiet space within a frame.
fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            rect.mark__ground width="32" height="32" rx="9" {}
            path.mark__line d="M9 22.5V14a4 4 0 0 1 7-2.6A4 4 0 0 1 23 14v8.5" fill="none" stroke-width="2.6" stroke-linecap="round" {}
            circle.mark__dot cx="16" cy="21.6" r="2.1" {}
        }
    }
}

fn rail(chrome: &Chrome) -> Markup {
    html! {
        nav.rail aria-label="Main" {
            a.rail__brand href="/" { (mark()) span.rail__practice { (chrome.practice) } }
            div.rail__nav {
                ul role="list" class="rail__list" { @for item in &chrome.nav { li { (nav_link(item, "rail__link")) } } }
            }
            label.rail__fold title="Fold or unfold the navigation" {
                input.visually-hidden type="checkbox" id="rail-folded" data-turbo-permanent;
                (icon("chevron-left")) span.rail__label { "Fold" }
            }
        }
    }
}

fn nav_link(item: &NavItem, class: &str) -> Markup {
    html! {
        a class=(class) href=(item.path) title=(item.label) aria-current=[item.current.then_some("page")] data-shortcut=[item.shortcut] {
            (icon(item.icon))
            span.rail__label { (item.label) }
            @if let Some(count) = item.count.filter(|count| *count > 0) { span.rail__count { (count) span.visually-hidden { " waiting" } } }
        }
    }
}

fn top_bar(chrome: &Chrome) -> Markup {
    html! {
        header.top-bar {
            a.top-bar__brand href="/" aria-label=(chrome.practice) { (mark()) }
            (crate::search_box("search", "/search", "/search/suggestions", "Search clients and pages", ""))
            div.top-bar__person { (menu::frame(
                html! { (crate::avatar(&chrome.person)) span.top-bar__name { (chrome.person) } (icon("chevron-down")) },
                Some("Your menu"),
                person_menu(chrome),
            )) }
        }
    }
}

fn person_menu(chrome: &Chrome) -> Markup {
    html! {
        div.menu__head { p.menu__name { (chrome.person) } p.menu__note { (chrome.role) " · " (chrome.practice) } }
        (theme_choice(chrome))
        ul.menu__list role="list" {
            li { a.menu__item href="/account" { (icon("user")) "Your account" } }
            li data-script-only { button.menu__item type="button" data-action="privacy#toggle" aria-pressed="false" data-privacy-target="button" { (icon("eye-off")) "Blur names" } }
            li data-script-only { button.menu__item type="button" command="show-modal" commandfor=(shortcuts::DIALOG_ID) { (icon("keyboard")) "Keyboard shortcuts" } }
            li.menu__divider role="separator" {}
            li { form.post-button method="post" action="/sign-out" data-turbo="false" {
                (crate::form::hidden(crate::form::TOKEN_FIELD, &chrome.csrf))
                button.menu__item type="submit" { (icon("log-out")) "Sign out" }
            } }
        }
    }
}

fn theme_choice(chrome: &Chrome) -> Markup {
    let choices = [
        (Theme::System, "monitor", "Auto"),
        (Theme::Light, "sun", "Light"),
        (Theme::Dark, "moon", "Dark"),
    ];
    html! {
        form.theme-choice method="post" action="/account/theme" aria-label="Appearance" {
            (crate::form::hidden(crate::form::TOKEN_FIELD, &chrome.csrf))
            @for (theme, icon_name, label) in choices {
                button.theme-choice__button type="submit" name="theme" value=(theme.name()) aria-pressed=(theme == chrome.theme)
                    data-action="theme#choose" data-theme-name-param=(theme.name()) data-theme-target="button" { (icon(icon_name)) (label) }
            }
        }
    }
}

/// Four sections and the rest under "More": what a thumb reaches.
fn bottom_bar(chrome: &Chrome) -> Markup {
    let (first, rest) = chrome.nav.split_at(chrome.nav.len().min(4));
    html! {
        nav.bottom-bar aria-label="Main, on small screens" {
            @for item in first { (nav_link(item, "bottom-bar__link")) }
            @if !rest.is_empty() {
                details.bottom-bar__more data-controller="menu" data-action=(menu::ACTIONS) {
                    summary.bottom-bar__link { (icon("menu")) span.rail__label { "More" } }
                    div.bottom-bar__sheet { @for item in rest { (nav_link(item, "bottom-bar__line")) } }
                }
            }
        }
    }
}

/// A page for people who are not signed in: one card in the middle, nothing of any practice but what `body` says.
pub fn plain(title: &str, body: Markup) -> Markup {
    let document_title = format!("{title} · MentalSpace");
    let body = html! {
        // Without Turbo: signing in and out are whole page loads, so nothing of the page before stays in memory.
        body.plain data-turbo="false" {
            a.skip-link href="#main" { "Skip to content" }
            header.plain__brand { (mark()) span { "MentalSpace" } }
            main.plain__card id="main" tabindex="-1" { (body) }
        }
    };
    document(
        &Head {
            title: &document_title,
            theme: Theme::System,
            density: "roomy",
            csrf: None,
            scripts: true,
        },
        body,
    )
}

/// A page that says what went wrong, that nothing was lost, and what to do; the number lets support find it in the log.
pub fn fault_page(title: &str, what: &str, next: &str, request_id: &str) -> Markup {
    plain(
        title,
        html! {
            div.fault {
                h1 { (title) }
                p { (what) }
                p { (next) }
                div.cluster {
                    a.button href="/" data-kind="primary" { "Go to the start page" }
                }
                @if !request_id.is_empty() { p.fault__number { "If you ask for help, give this number: " code { (request_id) } } }
            }
        },
    )
}

/// A document for paper: no navigation, its title on top.
pub fn printable(title: &str, body: Markup) -> Markup {
    let body = html! { body.printable { main.printable__sheet id="main" { h1.printable__title { (title) } (body) } } };
    document(
        &Head {
            title,
            theme: Theme::Light,
            density: "compact",
            csrf: None,
            scripts: false,
        },
        body,
    )
}

struct Head<'a> {
    title: &'a str,
    theme: Theme,
    density: &'a str,
    csrf: Option<&'a str>,
    scripts: bool,
}

fn document(head: &Head, body: Markup) -> Markup {
    let theme = (head.theme != Theme::System).then(|| head.theme.name());
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme] data-density=(head.density) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { (head.title) }
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                meta name="referrer" content="same-origin";
                link rel="preload" href=(assets::path("fonts/sans.woff2")) as="font" type="font/woff2" crossorigin;
                link rel="stylesheet" href=(assets::path("css/app.css")) data-turbo-track="reload";
                link rel="icon" href=(assets::path("icons/favicon.svg")) type="image/svg+xml";
                @if let Some(csrf) = head.csrf { meta name="csrf-token" content=(csrf); }
                // Opening a chart is recorded, so pointing at a link must not open it.
                meta name="turbo-prefetch" content="false";
                meta name="turbo-refresh-method" content="morph";
                meta name="turbo-refresh-scroll" content="preserve";
                @if head.scripts {
                    script type="importmap" { (PreEscaped(assets::import_map())) }
                    @for address in assets::preloads() { link rel="modulepreload" href=(address); }
                    script type="module" src=(assets::path("js/app.js")) {}
                }
            }
            (body)
        }
    }
}
