//! `/`: what a person sees after signing in. Each room puts its cards here; this one only asks for them all at once.

use axum::routing::get;
use futures_util::future::try_join_all;
use jiff::tz::TimeZone;
use maud::html;

use crate::Actor;
use crate::web::{Access, Ask, DashboardCard, Failure, Html, Nav, Routes, live_page};

platform::inventory::submit! {
    Nav { order: 10, label: "Today", path: "/", icon: "home", shortcut: 't', permission: kernel::Permission::PracticeRead }
}

/// Routes of the dashboard.
pub(crate) fn routes() -> Routes {
    Routes::new().page("/", Access::SignedIn, get(page))
}

async fn page(ask: Ask) -> Result<Html, Failure> {
    let Ask { actor, tx, .. } = ask;
    let mut cards: Vec<&DashboardCard> = platform::inventory::iter::<DashboardCard>
        .into_iter()
        .filter(|card| actor.may(card.permission))
        .collect();
    cards.sort_by_key(|card| card.order);
    let drawn = try_join_all(cards.iter().map(|card| (card.draw)(&tx, &actor))).await?;
    let now = tx.now();
    tx.commit().await?;
    let drawn: Vec<_> = drawn.into_iter().filter(|card| !card.0.is_empty()).collect();
    let heading = format!("{}, {}", greeting(now, &actor.zone), first_name(&actor));
    let body = html! {
        p.dashboard__day { (kernel::when::day(actor.today(now))) }
        @if drawn.is_empty() {
            (ui::empty_state("home", "Nothing waits for you", "Appointments, notes and tasks of today will stand here.", html! {
                @if actor.may(kernel::Permission::UserManage) { (ui::link_button("/practice/users/new", "Invite a colleague", ui::Kind::Primary)) }
            }))
        } @else {
            (ui::stack(html! { @for card in &drawn { (card) } }))
        }
    };
    let page = ui::Page {
        heading: html! { (heading) },
        ..ui::Page::new("Today", body)
    };
    Ok(Html(live_page(&actor, "/", "calendar", page)))
}

fn first_name(actor: &Actor) -> &str {
    actor.name.split_whitespace().next().unwrap_or(&actor.name)
}

fn greeting(now: jiff::Timestamp, zone: &TimeZone) -> &'static str {
    match now.to_zoned(zone.clone()).hour() {
        5..12 => "Good morning",
        12..17 => "Good afternoon",
        _ => "Good evening",
    }
}
