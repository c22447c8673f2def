//! Refusals: the closed list of ways in which an operation says no, free of any transport.
//!
//! Each module maps its own error enum to a `Refusal` in one exhaustive `match`; pages, REST and FHIR each
//! know only how to show a `Refusal`, so a rule has one sentence wherever it is met.

/// What is wrong with one field of a form or body.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldProblem {
    /// The field's name in forms; in JSON bodies the same name as a pointer (`/name`).
    pub field: &'static str,
    /// Stable code for programs, such as `required` or `too_long`.
    pub code: &'static str,
    /// The sentence for people.
    pub message: String,
}

/// Collects all field problems of one form, so that a person sees them all at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<FieldProblem>);

impl Problems {
    /// Adds a problem.
    pub fn add(&mut self, field: &'static str, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldProblem {
            field,
            code,
            message: message.into(),
        });
    }

    /// Unwraps a parsed value, or notes its problem under the field and gives `None`.
    pub fn keep<T>(&mut self, field: &'static str, parsed: Result<T, crate::text::TextProblem>) -> Option<T> {
        parsed
            .map_err(|problem| self.add(field, problem.code(), problem.to_string()))
            .ok()
    }

    /// The message for a field, if it has one.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|problem| problem.field == field)
            .map(|problem| problem.message.as_str())
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How an operation says no. Never carries PHI of a record the asker may not see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Unknown, hidden, or another practice's: all three look alike (404).
    #[error("not found")]
    NotFound,
    /// The record is visible but this may not be done with it (403). The sentence says who may.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// The asker must sign in, or sign in more strongly, first (401).
    #[error("sign-in needed")]
    SignIn,
    /// Values are invalid (422).
    #[error("invalid values")]
    Invalid(Problems),
    /// The record's state, or another record, stands against it (409).
    #[error("conflict: {code}")]
    Conflict {
        /// Stable code, such as `slot_taken`.
        code: &'static str,
        /// What happened and what to do, for people.
        sentence: String,
        /// The field the message belongs beside, if one.
        field: Option<&'static str>,
    },
    /// The edit was made on an old version (412); the current version is given.
    #[error("stale version, current is {current}")]
    Stale {
        /// Version stored now.
        current: i64,
    },
    /// A condition such as `If-Match` is missing (428).
    #[error("condition missing")]
    ConditionMissing,
    /// Too many tries (429).
    #[error("too many requests, retry after {seconds} s")]
    TooMany {
        /// Whole seconds to wait.
        seconds: u32,
    },
    /// The body can't be read at all (400).
    #[error("malformed: {0}")]
    Malformed(String),
    /// Something the house needs is down (503); nothing was changed.
    #[error("unavailable")]
    Unavailable,
    /// A fault of ours (500); nothing was changed.
    #[error("fault")]
    Fault,
}

impl Refusal {
    /// A refusal of one field.
    pub fn field(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        let mut problems = Problems::default();
        problems.add(field, code, message);
        Self::Invalid(problems)
    }

    /// The HTTP status of this refusal, the same for pages, REST and FHIR.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Forbidden(_) => 403,
            Self::SignIn => 401,
            Self::Invalid(_) => 422,
            Self::Conflict { .. } => 409,
            Self::Stale { .. } => 412,
            Self::ConditionMissing => 428,
            Self::TooMany { .. } => 429,
            Self::Malformed(_) => 400,
            Self::Unavailable => 503,
            Self::Fault => 500,
        }
    }

    /// Stable code for programs: the last part of the problem's `type`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden(_) => "forbidden",
            Self::SignIn => "sign_in",
            Self::Invalid(_) => "invalid",
            Self::Conflict { code, .. } => code,
            Self::Stale { .. } => "stale_version",
            Self::ConditionMissing => "condition_missing",
            Self::TooMany { .. } => "too_many_requests",
            Self::Malformed(_) => "malformed",
            Self::Unavailable => "unavailable",
            Self::Fault => "fault",
        }
    }

    /// Title and sentence for people: what happened, that nothing was lost, what to do next.
    #[must_use]
    pub fn words(&self) -> (&'static str, String) {
        match self {
            Self::NotFound => ("Not found", "There is nothing here, or it is not yours to see.".to_owned()),
            Self::Forbidden(sentence) => ("Not allowed", sentence.clone()),
            Self::SignIn => ("Please sign in", "Sign in to go on; you will come back to this page.".to_owned()),
            Self::Invalid(problems) => (
                "Please check what was entered",
                problems.0.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join(" "),
            ),
            Self::Conflict { sentence, .. } => ("That can't be done now", sentence.clone()),
            Self::Stale { current } => (
                "Somebody else changed this meanwhile",
                format!("Your change was not saved over theirs. The version stored now is {current}."),
            ),
            Self::ConditionMissing => (
                "Version missing",
                "Send If-Match with the version you read, so that nobody's change is overwritten.".to_owned(),
            ),
            Self::TooMany { seconds } => ("Too many tries", format!("Please wait {seconds} seconds and try again.")),
            Self::Malformed(sentence) => ("That could not be read", sentence.clone()),
            Self::Unavailable => (
                "MentalSpace can't reach its database",
                "Nothing was lost: what was saved is safe, what you were typing is still in this page. Try again in a minute.".to_owned(),
            ),
            Self::Fault => (
                "Something went wrong on our side",
                "Nothing was changed. Try again; if it happens again, tell your administrator the number below.".to_owned(),
            ),
        }
    }
}
