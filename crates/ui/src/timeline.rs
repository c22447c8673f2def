//! The timeline: what happened, newest first as handed in, under one heading per month.
//!
//! Knows nothing of charts or rights; the page decides what is on it and in which order.

use maud::{Markup, html};

use crate::icon::icon;

/// One thing that happened.
pub struct Entry<'a> {
    /// When, as people say it: "Tue 24 Feb, 10:00".
    pub when_label: &'a str,
    /// When, for machines: `2026-02-24` or a full instant. Its first seven characters choose the month.
    pub datetime: &'a str,
    /// The icon's name.
    pub icon: &'a str,
    /// What it was.
    pub title: Markup,
    /// The quieter lines under it; may be empty.
    pub detail: Markup,
    /// Where it leads.
    pub href: Option<String>,
    /// What kind of thing it was, such as `note` or `import`; styles may tell kinds apart.
    pub kind: &'a str,
}

/// The entries in the order given, grouped by month.
pub fn timeline(entries: &[Entry]) -> Markup {
    html! {
        div.timeline {
            @for month in entries.chunk_by(|a, b| month_of(a.datetime) == month_of(b.datetime)) {
                section.timeline__month {
                    h2.timeline__heading { (month.first().map(|entry| month_name(entry.datetime)).unwrap_or_default()) }
                    ol.timeline__entries role="list" { @for entry in month { (one(entry)) } }
                }
            }
        }
    }
}

fn one(entry: &Entry) -> Markup {
    html! {
        li.timeline__entry data-kind=(entry.kind) {
            span.timeline__mark { (icon(entry.icon)) }
            div.timeline__body {
                p.timeline__title {
                    @if let Some(href) = &entry.href { a href=(href) { (entry.title) } } @else { (entry.title) }
                }
                @if !entry.detail.0.is_empty() { div.timeline__detail { (entry.detail) } }
            }
            time.timeline__when datetime=(entry.datetime) { (entry.when_label) }
        }
    }
}

fn month_of(datetime: &str) -> &str {
    datetime.get(..7).unwrap_or(datetime)
}

/// "February 2026" of `2026-02-…`; what can't be read stands as it is.
fn month_name(datetime: &str) -> String {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let read = month_of(datetime)
        .split_once('-')
        .and_then(|(year, month)| Some((year, NAMES.get(month.parse::<usize>().ok()?.checked_sub(1)?)?)));
    read.map_or_else(|| datetime.to_owned(), |(year, name)| format!("{name} {year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(datetime: &'static str) -> Entry<'static> {
        Entry {
            when_label: datetime,
            datetime,
            icon: "file-text",
            title: html! { "Note" },
            detail: html! {},
            href: None,
            kind: "note",
        }
    }

    #[test]
    fn entries_stand_under_their_month_in_the_order_given() {
        let drawn = timeline(&[entry("2026-02-24"), entry("2026-02-03T10:00:00Z"), entry("2025-12-31")]).into_string();
        assert_eq!(drawn.matches("<section").count(), 2);
        assert!(drawn.find("February 2026") < drawn.find("December 2025"));
    }

    #[test]
    fn a_month_that_cannot_be_read_stands_as_it_is() {
        for odd in ["", "soon", "2026-13-01", "2026-00"] {
            assert_eq!(month_name(odd), odd);
        }
    }
}
