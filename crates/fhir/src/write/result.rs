//! What a server answers around resources: pages of matches, and what went wrong.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::json::Object;
use crate::search::SearchError;

/// One page of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// When it was made.
    pub at: Timestamp,
    /// How many match in all, where counted.
    pub total: Option<u64>,
    /// Links by relation.
    pub links: Vec<Link>,
    /// The server's FHIR address without a closing slash; each match's address is made from it.
    pub base: String,
    /// The matches, in order.
    pub matches: Vec<Value>,
    /// Resources that come along because of the matches.
    pub included: Vec<Value>,
    /// What the searcher should know, such as parameters that were ignored.
    pub issues: Vec<Issue>,
}

/// A link of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `self`, `next` …
    pub relation: String,
    /// Where it leads.
    pub url: String,
}

/// Makes a link from what a query was understood as; `cursor` leads to a later page.
#[must_use]
pub fn page_link(
    relation: &str,
    base: &str,
    kind: &str,
    understood: &[(String, String)],
    cursor: Option<&str>,
) -> Link {
    let cursor = cursor.map(|cursor| ("_cursor", cursor));
    let pairs = understood
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(cursor);
    let query: Vec<String> = pairs
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    let question = if query.is_empty() { "" } else { "?" };
    Link {
        relation: relation.to_owned(),
        url: format!("{base}/{kind}{question}{}", query.join("&")),
    }
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        // What RFC 3986 allows in a query and no reader takes for a separator.
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b',' | b'/') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Writes a page of matches as a Bundle.
#[must_use]
pub fn searchset(page: &Page) -> Value {
    let link = |link: &Link| json!({"relation": link.relation, "url": link.url});
    let entry = |resource: &Value, mode: &str| {
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        let id = resource.get("id").and_then(Value::as_str);
        Object::default()
            .put("fullUrl", id.map(|id| format!("{}/{kind}/{id}", page.base)))
            .put("resource", resource.clone())
            .put("search", json!({"mode": mode}))
            .done()
    };
    let outcome = (!page.issues.is_empty()).then(|| operation_outcome(&page.issues));
    let entries = page.matches.iter().map(|resource| entry(resource, "match"));
    let entries = entries.chain(page.included.iter().map(|resource| entry(resource, "include")));
    let entries = entries.chain(outcome.iter().map(|resource| entry(resource, "outcome")));
    Object::resource("Bundle")
        .put("meta", json!({"lastUpdated": page.at.to_string()}))
        .put("type", "searchset")
        .put("total", page.total)
        .list("link", page.links.iter().map(link))
        .list("entry", entries)
        .done()
}

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The request could not be carried out, and neither can anything after it.
    Fatal,
    /// The request could not be carried out.
    Error,
    /// It was carried out, but not wholly as asked.
    Warning,
    /// Nothing is wrong.
    Information,
}

impl Severity {
    fn as_str(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

/// What kind of issue it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueCode {
    /// Cannot be read at all.
    Structure,
    /// A value that isn't allowed.
    Value,
    /// Something demanded is missing.
    Required,
    /// Not valid.
    Invalid,
    /// The server doesn't do that.
    NotSupported,
    /// No such thing, or none that the caller may see.
    NotFound,
    /// It was there and has been removed.
    Deleted,
    /// Nobody is signed in.
    Login,
    /// The caller may not.
    Forbidden,
    /// It clashes with what is there.
    Conflict,
    /// A rule of the practice stands against it.
    BusinessRule,
    /// Too much at once.
    Throttled,
    /// The server failed.
    Exception,
    /// Something to know.
    Informational,
}

impl IssueCode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Value => "value",
            Self::Required => "required",
            Self::Invalid => "invalid",
            Self::NotSupported => "not-supported",
            Self::NotFound => "not-found",
            Self::Deleted => "deleted",
            Self::Login => "login",
            Self::Forbidden => "forbidden",
            Self::Conflict => "conflict",
            Self::BusinessRule => "business-rule",
            Self::Throttled => "throttled",
            Self::Exception => "exception",
            Self::Informational => "informational",
        }
    }
}

/// One thing that went wrong or is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad.
    pub severity: Severity,
    /// What kind.
    pub code: IssueCode,
    /// A sentence for a person.
    pub text: String,
    /// Where, as a FHIRPath: `Patient.birthDate`.
    pub expression: Option<String>,
    /// For whoever looks into it: the request's id.
    pub diagnostics: Option<String>,
}

impl Issue {
    /// An issue in words.
    #[must_use]
    pub fn new(severity: Severity, code: IssueCode, text: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            text: text.into(),
            expression: None,
            diagnostics: None,
        }
    }

    /// The warning that goes with an ignored search parameter.
    #[must_use]
    pub fn ignored(parameter: &str) -> Self {
        Self::new(
            Severity::Warning,
            IssueCode::NotSupported,
            format!("The search parameter \"{parameter}\" is unknown and was ignored."),
        )
    }
}

impl From<&SearchError> for Issue {
    fn from(error: &SearchError) -> Self {
        let code = match error {
            SearchError::UnknownParameter { .. } | SearchError::UnknownModifier { .. } => IssueCode::NotSupported,
            SearchError::Value { .. } => IssueCode::Value,
        };
        Self::new(Severity::Error, code, format!("{error}."))
    }
}

/// Writes an OperationOutcome; without issues it says that all went well.
#[must_use]
pub fn operation_outcome(issues: &[Issue]) -> Value {
    let well = [Issue::new(
        Severity::Information,
        IssueCode::Informational,
        "All went well.",
    )];
    let issues = if issues.is_empty() { &well } else { issues };
    let write = |issue: &Issue| {
        Object::default()
            .put("severity", issue.severity.as_str())
            .put("code", issue.code.as_str())
            .put("details", json!({"text": issue.text}))
            .put("diagnostics", issue.diagnostics.as_deref())
            .list(
                "expression",
                issue
                    .expression
                    .iter()
                    .map(|expression| Value::from(expression.as_str())),
            )
            .done()
    };
    Object::resource("OperationOutcome")
        .list("issue", issues.iter().map(write))
        .done()
}
