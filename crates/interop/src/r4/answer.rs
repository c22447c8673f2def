//! What every FHIR handler shares: reading a search, cutting a page, and the answers' form.

use axum::extract::{FromRequest, FromRequestParts, RawForm, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fhir::search::{DateTest, Definition, Handling, Query, ReferenceTest, SearchError, Test, TokenTest};
use fhir::write::{Issue, IssueCode, Page, Severity, operation_outcome, page_link, searchset};
use identity::web::{Ask, Failure};
use jiff::Timestamp;
use kernel::Refusal;
use platform::App;
use serde_json::Value;

use super::ROOT;

const MEDIA_TYPE: &str = "application/fhir+json; charset=utf-8";

/// The FHIR address, without a closing slash.
pub(super) fn base(app: &App) -> String {
    let public = app
        .config
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", app.config.listen));
    format!("{}{ROOT}", public.trim_end_matches('/'))
}

/// A resource that has no version of its own.
pub(super) fn resource(value: &Value) -> Response {
    answer(StatusCode::OK, value)
}

fn answer(status: StatusCode, value: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")],
        value.to_string(),
    )
        .into_response()
}

/// A resource with its version as a weak ETag; 304 where the asker has it.
pub(super) fn versioned(headers: &HeaderMap, version: i64, value: &Value) -> Response {
    let tag = format!("W/\"{version}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let mut response = if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        resource(value)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// A search as it was sent: who asks, the parameters, and how unknown ones are to be met.
pub(super) struct Search {
    pub(super) ask: Ask,
    pairs: Vec<(String, String)>,
    handling: Handling,
}

impl FromRequest<App> for Search {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let ask = Ask::from_request_parts(&mut parts, app).await?;
        let preferred = parts.headers.get("prefer").and_then(|value| value.to_str().ok());
        let handling = preferred.map(Handling::from_prefer).unwrap_or_default();
        // Both the address and the body of a POST may hold parameters.
        let in_address = parts.uri.query().unwrap_or_default().to_owned();
        let is_post = parts.method == axum::http::Method::POST;
        let mut pairs = read_pairs(in_address.as_bytes())?;
        if is_post {
            let words = "Send a search by POST as application/x-www-form-urlencoded.";
            let RawForm(bytes) = RawForm::from_request(Request::from_parts(parts, body), app)
                .await
                .map_err(|_| Refusal::Malformed(words.to_owned()))?;
            pairs.extend(read_pairs(&bytes)?);
        }
        Ok(Self { ask, pairs, handling })
    }
}

fn read_pairs(bytes: &[u8]) -> Result<Vec<(String, String)>, Failure> {
    serde_html_form::from_bytes(bytes).map_err(|_| {
        Failure(Refusal::Malformed(
            "The search parameters could not be read.".to_owned(),
        ))
    })
}

/// What a search came to before it was carried out.
pub(super) enum Understood {
    Query(Query),
    Refused(Response),
}

impl Search {
    /// Reads the parameters; `order` is the one order that matches come in.
    pub(super) fn understand(&self, definitions: &[Definition], order: &[(&str, bool)]) -> Understood {
        let format = self
            .pairs
            .iter()
            .find(|(name, _)| name == "_format")
            .map(|(_, value)| value.to_ascii_lowercase());
        if format.is_some_and(|format| format.contains("xml")) {
            return Understood::Refused(refuse_with(
                StatusCode::NOT_ACCEPTABLE,
                IssueCode::NotSupported,
                "This server answers in JSON only.",
            ));
        }
        let mut query = match fhir::search::parse(&self.pairs, definitions, self.handling, &self.ask.actor.zone) {
            Ok(query) => query,
            Err(error) => return Understood::Refused(refuse(&error, definitions)),
        };
        let ours = query
            .sort
            .iter()
            .map(|key| (key.name, key.descending))
            .eq(order.iter().copied());
        if !query.sort.is_empty() && !ours {
            if self.handling == Handling::Strict {
                let error = SearchError::Value {
                    name: "_sort".to_owned(),
                    why: "matches cannot be sorted by that",
                };
                return Understood::Refused(refuse(&error, definitions));
            }
            query.ignored.push("_sort".to_owned());
            query.understood.retain(|(name, _)| name != "_sort");
        }
        Understood::Query(query)
    }
}

/// Says that a search cannot be carried out, and which parameters there are.
pub(super) fn refuse(error: &SearchError, definitions: &[Definition]) -> Response {
    let names: Vec<&str> = ["_id", "_lastUpdated", "_count"]
        .into_iter()
        .chain(definitions.iter().map(|definition| definition.name))
        .collect();
    let mut issue = Issue::from(error);
    issue.diagnostics = Some(format!("Supported parameters: {}.", names.join(", ")));
    answer(StatusCode::BAD_REQUEST, &operation_outcome(&[issue]))
}

fn refuse_with(status: StatusCode, code: IssueCode, words: &str) -> Response {
    answer(status, &operation_outcome(&[Issue::new(Severity::Error, code, words)]))
}

/// Says that a search cannot be carried out as it was meant.
pub(super) fn unsupported(name: &str, why: &'static str, definitions: &[Definition]) -> Response {
    refuse(
        &SearchError::Value {
            name: name.to_owned(),
            why,
        },
        definitions,
    )
}

/// A page of matches.
pub(super) struct Found {
    pub(super) matches: Vec<Value>,
    /// Where the next page begins.
    pub(super) next: Option<String>,
    pub(super) total: Option<u64>,
}

impl Found {
    /// Nothing, for what cannot match.
    pub(super) const fn nothing() -> Self {
        Self {
            matches: Vec::new(),
            next: None,
            total: Some(0),
        }
    }

    /// Cuts a page out of everything that matches; the cursor counts.
    pub(super) fn page_of(all: Vec<Value>, query: &Query) -> Result<Self, Failure> {
        let skipped: usize = match &query.cursor {
            None => 0,
            Some(cursor) => cursor.parse().map_err(|_| foreign_cursor())?,
        };
        let (total, count) = (all.len(), count(query));
        let end = skipped.saturating_add(count);
        let next = (end < total && !query.count_only).then(|| end.to_string());
        Ok(Self {
            matches: all.into_iter().skip(skipped).take(count).collect(),
            next,
            total: u64::try_from(total).ok(),
        })
    }
}

pub(super) fn foreign_cursor() -> Failure {
    Failure(Refusal::Malformed(
        "The page link is not one of ours; start the search again without _cursor.".to_owned(),
    ))
}

/// Matches on a page: the rooms below give at most 200 rows at a time.
pub(super) fn count(query: &Query) -> usize {
    usize::try_from(query.count.min(200)).unwrap_or(50)
}

/// Writes a page as a Bundle.
pub(super) fn page(ask: &Ask, kind: &str, query: &Query, found: Found) -> Response {
    let base = base(&ask.app);
    let mut links = vec![page_link("self", &base, kind, &query.understood, None)];
    if let Some(next) = &found.next {
        links.push(page_link("next", &base, kind, &query.understood, Some(next)));
    }
    let matches = if query.count_only { Vec::new() } else { found.matches };
    let issues = query.ignored.iter().map(|name| Issue::ignored(name)).collect();
    resource(&searchset(&Page {
        at: ask.tx.now(),
        total: found.total,
        links,
        base,
        matches,
        included: Vec::new(),
        issues,
    }))
}

/// The tests of one parameter, one list for each time it was given.
pub(super) fn tests<'a>(query: &'a Query, name: &'a str) -> impl Iterator<Item = &'a Test> {
    query
        .filters
        .iter()
        .filter(move |filter| filter.name == name)
        .map(|filter| &filter.test)
}

/// Whether an element of one code passes every test of a token parameter.
pub(super) fn token_passes(query: &Query, name: &str, codings: &[(Option<&str>, &str)]) -> bool {
    tests(query, name).all(|test| match test {
        Test::Token { any, negated } => any.iter().any(|wanted| has_code(wanted, codings)) != *negated,
        Test::Missing(missing) => codings.is_empty() == *missing,
        Test::Date(_) | Test::Text(_) | Test::Reference(_) => true,
    })
}

fn has_code(wanted: &TokenTest, codings: &[(Option<&str>, &str)]) -> bool {
    codings.iter().any(|(system, code)| wanted.matches(*system, code))
}

/// Whether an instant passes every test of a date parameter.
pub(super) fn date_passes(query: &Query, name: &str, passes: impl Fn(&DateTest) -> bool) -> bool {
    tests(query, name).all(|test| match test {
        Test::Date(any) => any.iter().any(&passes),
        Test::Token { .. } | Test::Text(_) | Test::Reference(_) | Test::Missing(_) => true,
    })
}

/// Whether a record passes `_id` and `_lastUpdated`.
pub(super) fn envelope_passes(query: &Query, id: &str, updated: Timestamp) -> bool {
    let wanted = query
        .ids
        .as_ref()
        .is_none_or(|ids| ids.iter().any(|wanted| wanted == id));
    wanted
        && query
            .last_updated
            .iter()
            .all(|any| any.iter().any(|test| test.instants().contains(&updated)))
}

/// The references that a parameter allows: `None` where it wasn't given, else those that all its repetitions share.
pub(super) fn references(query: &Query, name: &str) -> Option<Vec<String>> {
    let mut lists = tests(query, name).filter_map(|test| match test {
        Test::Reference(any) => Some(any.iter().map(|one: &ReferenceTest| one.id.clone()).collect::<Vec<_>>()),
        Test::Token { .. } | Test::Text(_) | Test::Date(_) | Test::Missing(_) => None,
    });
    let first = lists.next()?;
    Some(lists.fold(first, |kept, next| {
        kept.into_iter().filter(|id| next.contains(id)).collect()
    }))
}

#[cfg(test)]
mod tests_of_pages {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    fn parsed(pairs: &[(&str, &str)]) -> Query {
        let definitions = [
            Definition::new("status", fhir::search::Kind::Token),
            Definition::reference("patient", &["Patient"]),
        ];
        fhir::search::parse(pairs, &definitions, Handling::Lenient, &TimeZone::UTC).unwrap()
    }

    /// INT-4.
    #[test]
    fn int_4_pages_follow_each_other_without_gap() {
        let all = || (0..5).map(|n| json!(n)).collect::<Vec<Value>>();
        let first = Found::page_of(all(), &parsed(&[("_count", "2")])).unwrap();
        assert_eq!(
            (first.matches, first.next.as_deref(), first.total),
            (vec![json!(0), json!(1)], Some("2"), Some(5))
        );
        let last = Found::page_of(all(), &parsed(&[("_count", "2"), ("_cursor", "4")])).unwrap();
        assert_eq!((last.matches, last.next), (vec![json!(4)], None));
        assert!(Found::page_of(all(), &parsed(&[("_cursor", "x")])).is_err());
    }

    #[test]
    fn int_4_repeated_references_must_all_hold_and_tokens_may_be_alternatives() {
        let query = parsed(&[("patient", "a,b"), ("patient", "Patient/b"), ("status", "x,finished")]);
        assert_eq!(references(&query, "patient"), Some(vec!["b".to_owned()]));
        assert!(token_passes(&query, "status", &[(None, "finished")]));
        assert!(!token_passes(&query, "status", &[(None, "planned")]));
    }
}
