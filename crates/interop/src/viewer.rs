//! `/api/docs`: the REST description as a page that can be read without scripts. Drawn from the same OpenAPI document that programs
//! get, so it cannot say anything else.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

/// The methods in the order in which a resource is usually met.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// How deep a body's fields are unfolded in place; deeper ones are links to their schema.
const DEPTH_MAX: usize = 1;

/// Draws the page.
#[must_use]
pub fn viewer(description: &OpenApi) -> Markup {
    let document = serde_json::to_value(description).unwrap_or_default();
    let groups = groups(&document);
    let body = html! {
        div.api-viewer {
            nav.api-viewer__contents aria-label="Operations" {
                @for (tag, operations) in &groups {
                    h2 { (tag) }
                    ul role="list" { @for operation in operations {
                        li { a href={ "#" (operation.anchor) } { (method_badge(operation.method)) " " (operation.path) } }
                    } }
                }
                h2 { "Schemas" }
                ul role="list" { @for (name, _) in schemas(&document) { li { a href={ "#" (schema_anchor(name)) } { (name) } } } }
            }
            div.api-viewer__body {
                (introduction(&document))
                @for (tag, operations) in &groups {
                    section aria-labelledby={ "tag-" (anchor(tag)) } {
                        h2 id={ "tag-" (anchor(tag)) } { (tag) }
                        @for operation in operations { (draw(operation)) }
                    }
                }
                section aria-labelledby="schemas" {
                    h2 id="schemas" { "Schemas" }
                    @for (name, schema) in schemas(&document) { (draw_schema(name, schema)) }
                }
            }
        }
    };
    ui::printable("REST API", body)
}

fn introduction(document: &Value) -> Markup {
    html! {
        p { (text(document, "/info/description")) }
        p {
            "The same as a file for programs: " a href="/api/v1/openapi.json" { "openapi.json" } " (OpenAPI " (text(document, "/openapi")) "). "
            "FHIR R4 is under " code { "/fhir/r4" } "; its description is the " a href="/fhir/r4/metadata" { "CapabilityStatement" } "."
        }
        h2 { "An example" }
        pre.api-viewer__code tabindex="0" { code { "curl -H \"Authorization: Bearer $KEY\" https://your.practice.example/api/v1/clients?limit=10" } }
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// One thing that can be asked for.
struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    anchor: String,
    shared: &'a [Value],
    said: &'a Value,
}

fn groups(document: &Value) -> BTreeMap<String, Vec<Operation<'_>>> {
    let mut groups: BTreeMap<String, Vec<Operation<'_>>> = BTreeMap::new();
    let Some(paths) = document.get("paths").and_then(Value::as_object) else {
        return groups;
    };
    let mut paths: Vec<(&String, &Value)> = paths.iter().collect();
    paths.sort_by_key(|(path, _)| path.as_str());
    for (path, item) in paths {
        let shared = item
            .get("parameters")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        for method in METHODS {
            let Some(said) = item.get(method) else { continue };
            let operation = Operation {
                method,
                path,
                anchor: anchor(&format!("{method}-{path}")),
                shared,
                said,
            };
            groups.entry(tag(path, said)).or_default().push(operation);
        }
    }
    groups
}

/// The group's name: as the operation says, else the first part of its path.
fn tag(path: &str, said: &Value) -> String {
    let told = said
        .pointer("/tags/0")
        .and_then(Value::as_str)
        .filter(|tag| !tag.is_empty() && !tag.contains("::"));
    let from_path = || {
        path.trim_start_matches("/api/v1/")
            .split('/')
            .next()
            .unwrap_or(path)
            .replace('-', " ")
    };
    let name = told.map_or_else(from_path, |tag| tag.replace(['-', '_'], " "));
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_uppercase(), letters.as_str())
    })
}

fn anchor(text: &str) -> String {
    let dashed: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    dashed
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

fn schema_anchor(name: &str) -> String {
    format!("schema-{}", anchor(name))
}

fn method_badge(method: &str) -> Markup {
    let tone = match method {
        "get" => ui::Tone::Info,
        "post" => ui::Tone::Success,
        "delete" => ui::Tone::Danger,
        _ => ui::Tone::Attention,
    };
    ui::badge(tone, &method.to_uppercase())
}

fn draw(operation: &Operation<'_>) -> Markup {
    let (summary, more) = (text(operation.said, "/summary"), text(operation.said, "/description"));
    let own = operation
        .said
        .get("parameters")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let parameters: Vec<&Value> = operation.shared.iter().chain(own).collect();
    html! {
        article.api-viewer__operation id=(operation.anchor) {
            h3 { (method_badge(operation.method)) " " code { (operation.path) } " " a.api-viewer__anchor href={ "#" (operation.anchor) } aria-label={ "Link to " (operation.method) " " (operation.path) } { "#" } }
            @if !summary.is_empty() { p { (summary) } }
            @if !more.is_empty() && more != summary { p.quiet { (more) } }
            @if !parameters.is_empty() { h4 { "Parameters" } (draw_parameters(&parameters)) }
            @if let Some(body) = operation.said.get("requestBody") { h4 { "Body" } (draw_content(body)) }
            h4 { "Answers" }
            (draw_answers(operation.said))
        }
    }
}

fn draw_parameters(parameters: &[&Value]) -> Markup {
    let row = |parameter: &&Value| {
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default();
        let kind = parameter.get("schema").map(kind).unwrap_or_default();
        ui::table::Row::plain(vec![
            html! { code { (text(parameter, "/name")) } @if required { " " (ui::badge(ui::Tone::Neutral, "required")) } },
            html! { (text(parameter, "/in")) },
            kind,
            html! { (text(parameter, "/description")) },
        ])
    };
    let columns = ["Name", "In", "Type", "What it does"].map(ui::table::Column::new);
    ui::table::table(&ui::table::Table {
        caption: "Parameters",
        columns: columns.into(),
        rows: parameters.iter().map(row).collect(),
        ..Default::default()
    })
}

fn draw_answers(said: &Value) -> Markup {
    let answers: Vec<(&String, &Value)> = said
        .get("responses")
        .and_then(Value::as_object)
        .map(|all| all.iter().collect())
        .unwrap_or_default();
    html! {
        dl.api-viewer__answers {
            @for (status, answer) in answers {
                div { dt { (status_badge(status)) } dd { p { (text(answer, "/description")) } (draw_content(answer)) } }
            }
        }
    }
}

fn status_badge(status: &str) -> Markup {
    let tone = match status.as_bytes().first() {
        Some(b'2') => ui::Tone::Success,
        Some(b'3') => ui::Tone::Info,
        Some(b'5') => ui::Tone::Danger,
        _ => ui::Tone::Attention,
    };
    ui::badge(tone, status)
}

/// The media types of a body or answer with what they hold.
fn draw_content(holder: &Value) -> Markup {
    let Some(content) = holder.get("content").and_then(Value::as_object) else {
        return Markup::default();
    };
    html! {
        @for (media_type, held) in content {
            p.quiet { code { (media_type) } @if let Some(schema) = held.get("schema") { ": " (kind(schema)) } }
            @if let Some(fields) = held.get("schema").and_then(|schema| schema.get("properties")).and_then(Value::as_object) {
                (draw_fields(fields, held.get("schema").unwrap_or(&Value::Null), 0))
            }
            @if let Some(example) = held.get("example") { pre.api-viewer__code tabindex="0" { code { (pretty(example)) } } }
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn schemas(document: &Value) -> Vec<(&String, &Value)> {
    let mut all: Vec<(&String, &Value)> = document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .map(|all| all.iter().collect())
        .unwrap_or_default();
    all.sort_by_key(|(name, _)| name.as_str());
    all
}

fn draw_schema(name: &str, schema: &Value) -> Markup {
    html! {
        article.api-viewer__operation id=(schema_anchor(name)) {
            h3 { code { (name) } }
            @let words = text(schema, "/description");
            @if !words.is_empty() { p { (words) } }
            @match schema.get("properties").and_then(Value::as_object) {
                Some(fields) => (draw_fields(fields, schema, 0)),
                None => p { (kind(schema)) },
            }
        }
    }
}

fn draw_fields(fields: &Map<String, Value>, schema: &Value, depth: usize) -> Markup {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    html! {
        dl.api-viewer__fields {
            @for (name, field) in fields {
                div {
                    dt { code { (name) } @if required.contains(&name.as_str()) { " " (ui::badge(ui::Tone::Neutral, "required")) } }
                    dd {
                        (kind(field)) " " span.quiet { (text(field, "/description")) }
                        @if depth < DEPTH_MAX && let Some(inner) = field.get("properties").and_then(Value::as_object) { (draw_fields(inner, field, depth + 1)) }
                    }
                }
            }
        }
    }
}

/// A type in a few words; a named one is a link to its schema.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.rsplit('/').next())
    {
        return html! { a href={ "#" (schema_anchor(name)) } { (name) } };
    }
    if let Some(choices) = ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|key| schema.get(*key))
        .and_then(Value::as_array)
    {
        return html! { @for (at, choice) in choices.iter().enumerate() { @if at > 0 { " or " } (kind(choice)) } };
    }
    if let Some(items) = schema.get("items") {
        return html! { "list of " (kind(items)) };
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return html! { @for (at, value) in values.iter().enumerate() { @if at > 0 { ", " } code { (value.as_str().map_or_else(|| value.to_string(), str::to_owned)) } } };
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any value"],
    };
    let format = text(schema, "/format");
    html! { (kinds.join(" or ")) @if !format.is_empty() { " (" (format) ")" } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> OpenApi {
        serde_json::from_value(serde_json::json!({
            "openapi": "3.1.0", "info": { "title": "T", "version": "1", "description": "How to <begin>" },
            "paths": { "/api/v1/clients/{id}": { "get": {
                "summary": "One client", "parameters": [{ "name": "id", "in": "path", "required": true, "description": "Whose", "schema": { "type": "string", "format": "uuid" } }],
                "responses": { "200": { "description": "The client", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Client" } } } }, "404": { "description": "Unknown" } }
            } } },
            "components": { "schemas": { "Client": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" }, "tags": { "type": "array", "items": { "type": "string" } } } } } }
        }))
        .unwrap()
    }

    /// INT-63.
    #[test]
    fn int_63_every_operation_answer_and_schema_has_its_place() {
        let page = viewer(&description()).into_string();
        for wanted in [
            "id=\"get-api-v1-clients-id\"",
            "href=\"#get-api-v1-clients-id\"",
            "One client",
            "string (uuid)",
            "href=\"#schema-client\"",
            "id=\"schema-client\"",
            "list of string",
            "404",
            "How to &lt;begin&gt;",
        ] {
            assert!(page.contains(wanted), "{wanted} is not in {page}");
        }
        assert!(!page.contains(" style="));
    }

    #[test]
    fn groups_are_named_by_tag_or_path() {
        let check = |path: &str, said: serde_json::Value, name: &str| assert_eq!(tag(path, &said), name);
        check("/api/v1/appointment-types", serde_json::json!({}), "Appointment types");
        check("/api/v1/x", serde_json::json!({ "tags": ["clients"] }), "Clients");
        check(
            "/api/v1/users/{id}",
            serde_json::json!({ "tags": ["user::api"] }),
            "Users",
        );
    }
}
