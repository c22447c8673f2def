//! What the history contributes to the chart: cards on its overview, entries of its timeline.

use clients::{Chart, ChartCard, TimelineItem, TimelineSource};
use identity::Actor;
use identity::web::Drawing;
use kernel::{Permission, when};
use maud::{Markup, html};
use platform::{StoreError, Tx};

use super::store::{self, ConditionRow, ObservationRow};

/// Problems shown on the overview before "and … more".
const SHOWN: usize = 8;

platform::inventory::submit! {
    ChartCard { order: 20, permission: Permission::ClinicalRead, draw: problems_card }
}
platform::inventory::submit! {
    ChartCard { order: 60, permission: Permission::ClinicalRead, draw: findings_card }
}
platform::inventory::submit! {
    TimelineSource { permission: Permission::ClinicalRead, entries: encounter_entries }
}
platform::inventory::submit! {
    TimelineSource { permission: Permission::ClinicalRead, entries: problem_entries }
}

fn problems_card<'a>(tx: &'a Tx, _: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let all = store::conditions(tx, tx.practice(), chart.id()).await?;
        let (active, past): (Vec<_>, Vec<_>) = all.into_iter().partition(is_active);
        let body = html! {
            @if active.is_empty() { p.quiet { "No active problems." } }
            ul.plain-list { @for condition in active.iter().take(SHOWN) { li { (problem(condition)) } } }
            @if active.len() > SHOWN { details { summary { "and " (active.len() - SHOWN) " more" } ul.plain-list { @for condition in active.iter().skip(SHOWN) { li { (problem(condition)) } } } } }
            @if !past.is_empty() { details { summary { (past.len()) " resolved" } ul.plain-list { @for condition in &past { li { (problem(condition)) } } } } }
        };
        Ok(ui::card("Problems", body))
    })
}

fn is_active(condition: &ConditionRow) -> bool {
    matches!(condition.clinical_status.as_str(), "active" | "recurrence" | "relapse")
}

fn problem(condition: &ConditionRow) -> Markup {
    let code = condition.icd10cm_code.as_ref().or(condition.snomed_code.as_ref());
    html! {
        (condition.description)
        span.quiet {
            @if let Some(code) = code { " · " (code) }
            @if let Some(onset) = condition.onset_on.as_deref().and_then(|text| text.get(..4)) { " · since " (onset) }
        }
    }
}

fn findings_card<'a>(tx: &'a Tx, actor: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let findings = store::observations(tx, tx.practice(), chart.id(), 200).await?;
        if findings.is_empty() {
            return Ok(html! {});
        }
        Ok(ui::card("Latest findings", newest_of_each(&findings, actor)))
    })
}

/// The newest value of each kind of finding: what a clinician looks for, instead of two hundred lines.
fn newest_of_each(findings: &[ObservationRow], actor: &Actor) -> Markup {
    let mut seen = std::collections::HashSet::new();
    let newest: Vec<&ObservationRow> = findings
        .iter()
        .filter(|one| seen.insert(one.description.as_str()))
        .take(12)
        .collect();
    let facts: Vec<(&str, Markup)> = newest
        .iter()
        .map(|one| {
            let when = one
                .effective_at
                .map(|at| when::day(when::date_in(at, &actor.zone)))
                .unwrap_or_default();
            (
                one.description.as_str(),
                html! { (one.value_text) " " span.quiet { (when) } },
            )
        })
        .collect();
    ui::description_list(&facts)
}

type Entries<'a> = std::pin::Pin<Box<dyn Future<Output = Result<Vec<TimelineItem>, StoreError>> + Send + 'a>>;

fn encounter_entries<'a>(tx: &'a Tx, _: &'a Actor, chart: &'a Chart) -> Entries<'a> {
    Box::pin(async move {
        let encounters = store::encounters(tx, tx.practice(), chart.id()).await?;
        let entries = encounters.into_iter().filter_map(|encounter| {
            let place = [encounter.provider, encounter.organization].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            Some(TimelineItem {
                at: encounter.started_at?,
                kind: "encounter",
                icon: "stethoscope",
                title: html! { (encounter.description) },
                detail: html! { (place) @if let Some(reason) = &encounter.reason { @if !place.is_empty() { " · " } (reason) } },
                href: None,
            })
        });
        Ok(entries.collect())
    })
}

fn problem_entries<'a>(tx: &'a Tx, _: &'a Actor, chart: &'a Chart) -> Entries<'a> {
    Box::pin(async move {
        let conditions = store::conditions(tx, tx.practice(), chart.id()).await?;
        let entries = conditions.into_iter().filter_map(|condition| {
            let onset: jiff::Timestamp = condition.onset_on.as_deref()?.parse().ok()?;
            Some(TimelineItem {
                at: onset,
                kind: "problem",
                icon: "activity",
                title: html! { "Problem noted: " (condition.description) },
                detail: html! { @if let Some(code) = condition.icd10cm_code.or(condition.snomed_code) { (code) } },
                href: None,
            })
        });
        Ok(entries.collect())
    })
}
