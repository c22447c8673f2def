//! The head of a chart: who this is, what to mind, when the sessions are. Stays in view while the chart is read.

use crate::avatar::avatar;
use maud::{Markup, html};

/// What stands in the head; all of it already in words.
#[derive(Debug, Clone, Default)]
pub struct RecordHeader<'a> {
    /// Preferred name, as the person is spoken to.
    pub name: &'a str,
    /// Secondary facts in order: pronouns, age, record number.
    pub facts: Vec<&'a str>,
    /// Only what matters now: safety alert, allergy, balance, consent missing.
    pub badges: Markup,
    /// "Last session Tue 3 Feb 2026", "Next Today 10:00".
    pub sessions: Vec<Markup>,
    /// The one thing to do, at the right.
    pub actions: Markup,
    /// Views of the chart.
    pub tabs: Markup,
}

/// The head; goes into `Page::header` and replaces the title line.
pub fn record_header(header: &RecordHeader) -> Markup {
    html! {
        header.record-header {
            div.record-header__line {
                (avatar(header.name))
                div.record-header__who {
                    h1.record-header__name { (header.name) }
                    p.record-header__facts { @for fact in &header.facts { span { (fact) } } }
                }
                @if !header.badges.0.is_empty() { div.record-header__badges { (header.badges) } }
                @if !header.sessions.is_empty() { p.record-header__sessions { @for session in &header.sessions { span { (session) } } } }
                div.record-header__actions { (header.actions) }
            }
            (header.tabs)
        }
    }
}
