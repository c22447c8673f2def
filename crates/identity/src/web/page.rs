//! A page of a signed-in person, within the skeleton that every staff page shares.

use kernel::Permission;
use maud::Markup;

use crate::Actor;

/// An entry of the main navigation; each room submits its own with `inventory::submit!`.
pub struct Nav {
    /// Place in the list: 10 Today, 20 Calendar, 30 Clients, 40 Notes … 90 Practice.
    pub order: u8,
    /// The word on screen.
    pub label: &'static str,
    /// Where it leads.
    pub path: &'static str,
    /// Icon of the sprite.
    pub icon: &'static str,
    /// The letter after `g`.
    pub shortcut: char,
    /// Whoever has this at some reach sees it.
    pub permission: Permission,
}
platform::inventory::collect!(Nav);

/// Draws a staff page. `section` is the path of the navigation entry the page belongs to.
#[must_use]
pub fn staff_page(actor: &Actor, section: &str, page: ui::Page) -> Markup {
    ui::staff(&chrome(actor, section, None), page)
}

/// As [`staff_page`], refreshed when a live topic changes.
#[must_use]
pub fn live_page(actor: &Actor, section: &str, topic: &str, page: ui::Page) -> Markup {
    ui::staff(&chrome(actor, section, Some(format!("/live?topic={topic}"))), page)
}

fn chrome(actor: &Actor, section: &str, live: Option<String>) -> ui::Chrome {
    let mut entries: Vec<&Nav> = platform::inventory::iter::<Nav>
        .into_iter()
        .filter(|nav| actor.may(nav.permission))
        .collect();
    entries.sort_by_key(|nav| nav.order);
    let nav = entries.into_iter().map(|nav| ui::NavItem {
        label: nav.label,
        path: nav.path,
        icon: nav.icon,
        shortcut: Some(nav.shortcut),
        current: nav.path == section,
        count: None,
    });
    ui::Chrome {
        practice: actor.practice_name.clone(),
        person: actor.name.clone(),
        role: actor
            .roles
            .iter()
            .map(|role| role.label())
            .collect::<Vec<_>>()
            .join(", "),
        nav: nav.collect(),
        csrf: actor.csrf.clone(),
        banner: actor.is_demo.then(|| ui::Banner {
            tone: ui::Tone::Info,
            text: "Demonstration practice: everybody in it is invented.".to_owned(),
            ..Default::default()
        }),
        live,
        theme: actor.theme,
    }
}

/// What a contribution of another room draws: a piece of a page, within the page's own transaction.
pub type Drawing<'a> = std::pin::Pin<Box<dyn Future<Output = Result<Markup, platform::StoreError>> + Send + 'a>>;

/// A card on the dashboard; each room submits its own with `inventory::submit!`. All are drawn at once, so
/// their queries go out in one flush.
pub struct DashboardCard {
    /// Place among the cards, smallest first.
    pub order: u8,
    /// Whoever has this at some reach sees it.
    pub permission: Permission,
    /// Draws it; empty markup leaves it out.
    pub draw: for<'a> fn(&'a platform::Tx, &'a Actor) -> Drawing<'a>,
}
platform::inventory::collect!(DashboardCard);
