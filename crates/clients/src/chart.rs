//! The chart: proof that an actor may open a client's record, and the frame of its pages.
//!
//! Rooms above add tabs, cards and timeline entries by inventory; this file knows none of them.
//! Invariant: a [`Chart`] exists only after its opening was checked and written to the audit log in the same transaction.

pub mod pages;

use std::pin::Pin;

use futures_util::try_join;
use identity::audit::{self, Action, Entry};
use identity::web::{Drawing, Failure, live_page};
use identity::{AccessError, Actor};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{ClientId, Permission, Refusal, when};
use maud::{Markup, html};
use platform::{StoreError, Tx};
use serde_json::json;

use crate::client::{ClientRow, Demographics, Status, spoken_name, store};

/// Why a chart was not opened.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// Unknown or out of reach, which look alike; or no such right at all.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database.
    #[error("chart could not be read")]
    Store(#[from] StoreError),
}

impl From<&ChartError> for Refusal {
    fn from(error: &ChartError) -> Self {
        match error {
            ChartError::Access(error) => (*error).into(),
            ChartError::Store(error) => error.into(),
        }
    }
}

impl From<ChartError> for Failure {
    fn from(error: ChartError) -> Self {
        match error {
            ChartError::Access(error) => error.into(),
            ChartError::Store(error) => error.into(),
        }
    }
}

/// Proof that an actor may open this client's chart, with what every page of it shows.
#[derive(Clone, Debug)]
pub struct Chart {
    row: ClientRow,
}

impl Chart {
    /// The client.
    #[must_use]
    pub const fn id(&self) -> ClientId {
        self.row.id
    }

    /// The record number.
    #[must_use]
    pub fn mrn(&self) -> &str {
        &self.row.mrn
    }

    /// The name the person is spoken to by.
    #[must_use]
    pub fn display_name(&self) -> String {
        spoken_name(self.row.preferred_name.as_deref(), &self.row.given, &self.row.family)
    }

    /// The legal name whole: given, middle, family, suffix.
    #[must_use]
    pub fn legal_name(&self) -> String {
        let parts = [
            Some(self.row.given.as_str()),
            self.row.middle.as_deref(),
            Some(self.row.family.as_str()),
            self.row.suffix.as_deref(),
        ];
        parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Day of birth, where it is known.
    #[must_use]
    pub const fn birth_date(&self) -> Option<Date> {
        self.row.birth_date
    }

    /// Whole years lived today, or on the day of death.
    #[must_use]
    pub fn age(&self, today: Date) -> Option<i16> {
        let until = self
            .row
            .deceased_at
            .map_or(today, |at| when::date_in(at, &jiff::tz::TimeZone::UTC));
        self.row.birth_date.map(|born| when::age(born, until).max(0))
    }

    /// Pronouns, where told.
    #[must_use]
    pub fn pronouns(&self) -> Option<&str> {
        self.row.pronouns.as_deref()
    }

    /// Where the client stands.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.row.status
    }

    /// Version of the demographics.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.row.version
    }

    /// When the person died, where told.
    #[must_use]
    pub const fn deceased_at(&self) -> Option<Timestamp> {
        self.row.deceased_at
    }

    /// The primary clinician's name, if there is one.
    #[must_use]
    pub fn clinician(&self) -> Option<&str> {
        self.row.clinician.as_deref()
    }

    /// When the client was registered.
    #[must_use]
    pub const fn registered_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// Who the person is, as an edit starts from it.
    #[must_use]
    pub fn demographics(&self) -> Demographics {
        self.row.demographics()
    }

    pub(crate) const fn row(&self) -> &ClientRow {
        &self.row
    }
}

/// Opens a chart for something that needs a right, and writes that it was opened.
///
/// # Errors
/// No such right; the client is unknown or out of reach, which look alike; or the database.
pub async fn open_chart(tx: &Tx, actor: &Actor, id: ClientId, permission: Permission) -> Result<Chart, ChartError> {
    let scope = actor.need(permission)?;
    let opened = Entry::new(Action::Read, "client")
        .id(id.uuid())
        .client(id)
        .detail(json!({ "permission": permission.word() }));
    let (row, ()) = try_join!(
        store::load(tx, tx.practice(), id, actor.user, actor.today(tx.now())),
        audit::record(tx, actor, opened)
    )?;
    let row = row.ok_or(AccessError::Hidden)?;
    if crate::is_whole(scope) || row.is_assigned {
        Ok(Chart { row })
    } else {
        Err(AccessError::Hidden.into())
    }
}

/// A view of the chart, contributed with `inventory::submit!`.
pub struct ChartTab {
    /// Place in the row, smallest first.
    pub order: u8,
    /// Its name.
    pub label: &'static str,
    /// What a page calls the tab it belongs to.
    pub key: &'static str,
    /// Its address.
    pub path: fn(ClientId) -> String,
    /// Whoever has this at some reach sees it.
    pub permission: Permission,
}
platform::inventory::collect!(ChartTab);

/// A card on the chart's overview, contributed with `inventory::submit!`. All are drawn at once.
pub struct ChartCard {
    /// Place among the cards, smallest first.
    pub order: u8,
    /// Whoever has this at some reach sees it.
    pub permission: Permission,
    /// Draws it; empty markup leaves it out.
    pub draw: for<'a> fn(&'a Tx, &'a Actor, &'a Chart) -> Drawing<'a>,
}
platform::inventory::collect!(ChartCard);

/// One thing on the timeline.
pub struct TimelineItem {
    /// When it happened.
    pub at: Timestamp,
    /// What kind of thing it was, such as `note`.
    pub kind: &'static str,
    /// The icon's name.
    pub icon: &'static str,
    /// What it was.
    pub title: Markup,
    /// The quieter lines under it.
    pub detail: Markup,
    /// Where it leads.
    pub href: Option<String>,
}

/// What a source of the timeline gives.
pub type TimelineEntries<'a> = Pin<Box<dyn Future<Output = Result<Vec<TimelineItem>, StoreError>> + Send + 'a>>;

/// A source of timeline entries, contributed with `inventory::submit!`. All are asked at once.
pub struct TimelineSource {
    /// Whoever has this at some reach sees its entries.
    pub permission: Permission,
    /// The client's entries, newest first, at most some hundreds.
    pub entries: for<'a> fn(&'a Tx, &'a Actor, &'a Chart) -> TimelineEntries<'a>,
}
platform::inventory::collect!(TimelineSource);

platform::inventory::submit! { ChartTab { order: 0, label: "Overview", key: "overview", path: overview_path, permission: Permission::ClientRead } }
platform::inventory::submit! { ChartTab { order: 10, label: "Timeline", key: "timeline", path: |id| format!("/clients/{id}/timeline"), permission: Permission::ClientRead } }
platform::inventory::submit! { ChartTab { order: 70, label: "Outside records", key: "outside", path: |id| format!("/clients/{id}/outside"), permission: Permission::ClinicalRead } }
platform::inventory::submit! { ChartTab { order: 80, label: "Team", key: "team", path: |id| format!("/clients/{id}/team"), permission: Permission::ClientRead } }
platform::inventory::submit! { ChartTab { order: 90, label: "Info", key: "info", path: |id| format!("/clients/{id}/info"), permission: Permission::ClientRead } }

/// The chart's address.
pub(crate) fn overview_path(id: ClientId) -> String {
    format!("/clients/{id}")
}

/// A page of the chart: its head, its tabs, and a body.
#[must_use]
pub fn chart_page(actor: &Actor, chart: &Chart, current_tab: &str, now: Timestamp, body: Markup) -> Markup {
    frame(actor, chart, current_tab, now, ui::Page::new("Chart", body))
}

/// As [`chart_page`], for a form that was refused: the title says so.
pub(crate) fn chart_page_with_errors(
    actor: &Actor,
    chart: &Chart,
    current_tab: &str,
    now: Timestamp,
    body: Markup,
) -> Markup {
    frame(
        actor,
        chart,
        current_tab,
        now,
        ui::Page {
            has_errors: true,
            ..ui::Page::new("Chart", body)
        },
    )
}

fn frame(actor: &Actor, chart: &Chart, current_tab: &str, now: Timestamp, page: ui::Page) -> Markup {
    let mut tabs: Vec<&ChartTab> = platform::inventory::iter::<ChartTab>
        .into_iter()
        .filter(|tab| actor.may(tab.permission))
        .collect();
    tabs.sort_by_key(|tab| tab.order);
    let current_label = tabs
        .iter()
        .find(|tab| tab.key == current_tab)
        .map_or("Chart", |tab| tab.label);
    let tabs: Vec<ui::Tab> = tabs
        .iter()
        .map(|tab| ui::Tab {
            label: tab.label,
            href: (tab.path)(chart.id()),
            current: tab.key == current_tab,
            count: None,
        })
        .collect();
    let (name, facts) = (chart.display_name(), head_facts(actor, chart, now));
    let head = ui::record_header(&ui::RecordHeader {
        name: &name,
        facts: facts.iter().map(String::as_str).collect(),
        badges: badges(actor, chart),
        sessions: Vec::new(),
        actions: html! {},
        tabs: ui::tabs("Chart", &tabs),
    });
    // No name in the title: it stands in the browser's history and on the screen of whoever sits beside.
    let title = format!("Chart, {current_label}");
    live_page(
        actor,
        "/clients",
        &format!("clients/{}", chart.id()),
        ui::Page {
            title: &title,
            header: Some(head),
            ..page
        },
    )
}

fn head_facts(actor: &Actor, chart: &Chart, now: Timestamp) -> Vec<String> {
    let mut facts = Vec::new();
    if chart.legal_name() != chart.display_name() {
        facts.push(format!("Legal name {}", chart.legal_name()));
    }
    facts.extend(chart.pronouns().map(str::to_owned));
    match (chart.deceased_at(), chart.age(actor.today(now))) {
        (Some(_), Some(age)) => facts.push(format!("Died aged {age}")),
        (None, Some(age)) => facts.push(format!("{age} years")),
        (_, None) => {}
    }
    facts.extend(chart.birth_date().map(|born| format!("born {}", when::day(born))));
    facts.push(format!("No. {}", chart.mrn()));
    facts
}

fn badges(actor: &Actor, chart: &Chart) -> Markup {
    let allergies = chart.row.active_allergies;
    html! {
        @if chart.status() != Status::Active { (ui::badge(chart.status().tone(), chart.status().label())) }
        @if allergies > 0 && actor.may(Permission::ClinicalRead) {
            (ui::badge(ui::Tone::Danger, &if allergies == 1 { "1 allergy".to_owned() } else { format!("{allergies} allergies") }))
        }
    }
}
