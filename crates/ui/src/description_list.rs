//! Facts with their names, as on the front of a chart.

use maud::{Markup, html};

/// Names and facts. An empty fact is shown as a dash that is read as "not recorded", so that lines never jump between charts.
pub fn description_list(facts: &[(&str, Markup)]) -> Markup {
    html! {
        dl.description-list {
            @for (name, fact) in facts {
                div.description-list__line {
                    dt { (name) }
                    dd { @if fact.0.is_empty() { span.faint aria-hidden="true" { "–" } span.visually-hidden { "Not recorded" } } @else { (fact) } }
                }
            }
        }
    }
}
