//! How to reach a client: phones, e-mails, postal addresses. Ended ones stay with the day they ended.

pub mod ops;
pub mod pages;
pub(crate) mod store;

use kernel::{Problems, text};

kernel::words! {
    /// What kind of address it is.
    ContactKind {
        /// A phone number, E.164.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
        /// A postal address.
        Postal = "postal",
    }
}

impl ContactKind {
    /// The word on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Phone => "Phone",
            Self::Email => "Email",
            Self::Postal => "Address",
        }
    }
}

kernel::words! {
    /// What it is used for.
    ContactUse {
        /// At home.
        Home = "home",
        /// A phone carried along.
        Mobile = "mobile",
        /// At work.
        Work = "work",
        /// For a while.
        Temporary = "temporary",
        /// For letters only.
        Mailing = "mailing",
    }
}

impl ContactUse {
    /// The word on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Mobile => "Mobile",
            Self::Work => "Work",
            Self::Temporary => "Temporary",
            Self::Mailing => "Mailing",
        }
    }
}

/// A contact point, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContact {
    /// What kind of address it is.
    pub kind: ContactKind,
    /// What it is used for.
    pub usage: ContactUse,
    /// The phone, e-mail, or the postal address on one line.
    pub value: String,
    /// Street and number.
    pub address_line: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// ZIP or other postal code.
    pub postal_code: Option<String>,
    /// Country, where told.
    pub country: Option<String>,
}

impl NewContact {
    /// A phone or e-mail.
    #[must_use]
    pub fn plain(kind: ContactKind, usage: ContactUse, value: String) -> Self {
        Self {
            kind,
            usage,
            value,
            address_line: None,
            city: None,
            state: None,
            postal_code: None,
            country: None,
        }
    }

    /// A postal address; its value is the parts on one line.
    #[must_use]
    pub fn postal(
        usage: ContactUse,
        line: Option<String>,
        city: Option<String>,
        state: Option<String>,
        postal_code: Option<String>,
        country: Option<String>,
    ) -> Self {
        let region = [state.as_deref(), postal_code.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let parts = [
            line.as_deref(),
            city.as_deref(),
            Some(region.as_str()),
            country.as_deref(),
        ];
        let value = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
        Self {
            kind: ContactKind::Postal,
            usage,
            value,
            address_line: line,
            city,
            state,
            postal_code,
            country,
        }
    }

    /// Checks what was typed for one contact point.
    pub(crate) fn parse(kind: &str, usage: &str, value: &str) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let kind = kind
            .parse::<ContactKind>()
            .map_err(|_| problems.add("kind", "unknown", "Please choose from the list."))
            .ok();
        let usage = usage
            .parse::<ContactUse>()
            .map_err(|_| problems.add("use", "unknown", "Please choose from the list."))
            .ok();
        let value = match kind {
            Some(ContactKind::Phone) => problems.keep("value", text::phone(value)),
            Some(ContactKind::Email) => problems.keep("value", text::email(value)),
            Some(ContactKind::Postal) | None => problems.keep("value", text::line(value, 300)),
        };
        match (kind, usage, value) {
            (Some(ContactKind::Postal), Some(usage), Some(line)) => Ok(Self {
                value: line.clone(),
                ..Self::postal(usage, Some(line), None, None, None, None)
            }),
            (Some(kind), Some(usage), Some(value)) => Ok(Self::plain(kind, usage, value)),
            _ => Err(problems),
        }
    }
}
