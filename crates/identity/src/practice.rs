//! The practice itself: its name, address and time zone.

mod api;
pub mod ops;
mod pages;
pub(crate) mod store;

use kernel::{Problems, Refusal};
use platform::StoreError;

use crate::AccessError;
use crate::web::Routes;

pub(crate) use pages::{PlaceForm, stale};
pub use store::PracticeRow;

/// States and territories of the USPS, and the military "states".
pub(crate) const STATES: &[&str] = &[
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "PR", "GU", "VI", "AS", "MP", "AA",
    "AE", "AP",
];

/// Why the practice or a location could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// Rights.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Values.
    #[error("invalid values")]
    Invalid(Problems),
    /// Somebody else changed it.
    #[error("stale version")]
    Stale {
        /// Version stored now.
        current: i64,
    },
    /// Another active location has this name.
    #[error("name taken")]
    NameTaken,
    /// Database.
    #[error("practice could not be stored")]
    Store(#[from] StoreError),
}

impl From<&PracticeError> for Refusal {
    fn from(error: &PracticeError) -> Self {
        match error {
            PracticeError::Access(error) => (*error).into(),
            PracticeError::Invalid(problems) => Self::Invalid(problems.clone()),
            PracticeError::Stale { current } => Self::Stale { current: *current },
            PracticeError::NameTaken => Self::Conflict {
                code: "name_taken",
                sentence: "Another location has this name.".to_owned(),
                field: Some("name"),
            },
            PracticeError::Store(error) => Self::from(error),
        }
    }
}

/// A ZIP code: five digits, or nine with a hyphen.
pub(crate) fn postal_code(typed: &str) -> Result<String, kernel::text::TextProblem> {
    let text = kernel::text::line(typed, 10)?;
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let fits = match text.split_once('-') {
        Some((five, four)) => digits(five, 5) && digits(four, 4),
        None => digits(&text, 5),
    };
    if fits {
        Ok(text)
    } else {
        Err(kernel::text::TextProblem::Shape(
            "Please enter a ZIP code, like 60614 or 60614-1234.",
        ))
    }
}

/// A USPS state code.
pub(crate) fn state(typed: &str) -> Result<String, kernel::text::TextProblem> {
    let text = kernel::text::line(typed, 2)?.to_uppercase();
    if STATES.contains(&text.as_str()) {
        Ok(text)
    } else {
        Err(kernel::text::TextProblem::Shape(
            "Please use the two letters of a state, like IL.",
        ))
    }
}

/// Routes of the practice.
pub(crate) fn routes() -> Routes {
    pages::routes().merge(api::routes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn iam_3_zip_and_state() {
        assert!(super::postal_code("60614").is_ok() && super::postal_code("60614-1234").is_ok());
        assert!(
            super::postal_code("6061").is_err()
                && super::postal_code("60614-12").is_err()
                && super::postal_code("ABCDE").is_err()
        );
        assert_eq!(super::state("il").as_deref(), Ok("IL"));
        assert!(super::state("ZZ").is_err());
    }
}
