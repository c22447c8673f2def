//! Search parameters: the text of a query to tests that a store can turn into SQL.
//!
//! Knows the grammar of the standard (prefixes, modifiers, tokens, partial dates, escapes); which parameters exist for a resource
//! is told by the caller's [`Definition`]s, from which its CapabilityStatement is made too.
//! Invariants: repeated parameters must all hold, values joined by commas are alternatives; a modifier or value that isn't
//! understood is an error even under lenient handling, since ignoring it would widen the answer.

mod date;
mod value;

use jiff::tz::TimeZone;

pub use date::{Bounds, DateTest, Prefix};
pub use value::{ReferenceTest, TextMode, TextTest, TokenTest};

/// Matches on a page when the query doesn't say.
pub const DEFAULT_COUNT: u32 = 50;
/// Most matches on a page; a larger wish is cut to it.
pub const MAXIMUM_COUNT: u32 = 250;

/// A parameter that a resource can be searched by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// `birthdate`, `name`, `patient.identifier` …
    pub name: &'static str,
    /// How its values are read.
    pub kind: Kind,
    /// Which modifiers are understood.
    pub modifiers: &'static [Modifier],
    /// For references: the resource types that a bare id may mean.
    pub targets: &'static [&'static str],
}

impl Definition {
    /// A parameter without modifiers; text takes `:exact` and `:contains`.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        let modifiers: &'static [Modifier] = match kind {
            Kind::Text => &[Modifier::Exact, Modifier::Contains],
            Kind::Date | Kind::Token | Kind::Reference => &[],
        };
        Self {
            name,
            kind,
            modifiers,
            targets: &[],
        }
    }

    /// The same with the given modifiers.
    #[must_use]
    pub const fn with_modifiers(self, modifiers: &'static [Modifier]) -> Self {
        Self { modifiers, ..self }
    }

    /// A reference to one of the given resource types.
    #[must_use]
    pub const fn reference(name: &'static str, targets: &'static [&'static str]) -> Self {
        Self {
            name,
            kind: Kind::Reference,
            modifiers: &[],
            targets,
        }
    }
}

/// How the values of a parameter are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Dates and times.
    Date,
    /// Codes, identifiers, yes or no.
    Token,
    /// Names and other words.
    Text,
    /// References to resources.
    Reference,
}

impl Kind {
    /// The name that a CapabilityStatement gives it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Token => "token",
            Self::Text => "string",
            Self::Reference => "reference",
        }
    }
}

/// What may stand behind a parameter's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// `:exact`
    Exact,
    /// `:contains`
    Contains,
    /// `:missing`
    Missing,
    /// `:not`
    Not,
}

/// What to do with parameters that nobody knows (`Prefer: handling=…`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Handling {
    /// Ignore them and say so.
    #[default]
    Lenient,
    /// Refuse the query.
    Strict,
}

impl Handling {
    /// Reads a `Prefer` header.
    #[must_use]
    pub fn from_prefer(header: &str) -> Self {
        let mut wishes = header.split([',', ';']).map(|wish| wish.trim().to_ascii_lowercase());
        if wishes.any(|wish| wish == "handling=strict") {
            Self::Strict
        } else {
            Self::Lenient
        }
    }
}

/// A query understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// Only these ids, where given; an empty list matches nothing.
    pub ids: Option<Vec<String>>,
    /// When the resource last changed; all must hold.
    pub last_updated: Vec<Vec<DateTest>>,
    /// Matches per page, at most [`MAXIMUM_COUNT`].
    pub count: u32,
    /// Only the number of matches is wanted.
    pub count_only: bool,
    /// In which order.
    pub sort: Vec<Sort>,
    /// Where the page begins: opaque, as our own `next` link gave it.
    pub cursor: Option<String>,
    /// What was understood, for the self link; without the cursor.
    pub understood: Vec<(String, String)>,
    /// Names of parameters that were ignored.
    pub ignored: Vec<String>,
}

/// One parameter's test.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The definition's name.
    pub name: &'static str,
    /// What must hold.
    pub test: Test,
}

/// What must hold of a parameter; of a list, one member is enough.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Dates.
    Date(Vec<DateTest>),
    /// Codes.
    Token {
        /// Any of these.
        any: Vec<TokenTest>,
        /// None of them instead.
        negated: bool,
    },
    /// Words.
    Text(Vec<TextTest>),
    /// References.
    Reference(Vec<ReferenceTest>),
    /// The element is absent (`true`) or present (`false`).
    Missing(bool),
}

/// One key of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// A definition's name, `_id` or `_lastUpdated`.
    pub name: &'static str,
    /// From the largest down.
    pub descending: bool,
}

/// Why a query is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Nobody knows the parameter, and the caller asked to be told.
    #[error("unknown search parameter \"{name}\"")]
    UnknownParameter {
        /// Its name as written.
        name: String,
    },
    /// The parameter doesn't take the modifier.
    #[error("search parameter \"{name}\" doesn't take the modifier \":{modifier}\"")]
    UnknownModifier {
        /// The parameter.
        name: String,
        /// The modifier as written.
        modifier: String,
    },
    /// The value cannot be read.
    #[error("search parameter \"{name}\": {why}")]
    Value {
        /// The parameter.
        name: String,
        /// What is wrong, as a sentence's end.
        why: &'static str,
    },
}

/// Reads a query. `zone` is the practice's: it tells what a day means where the query doesn't.
///
/// # Errors
/// For a modifier or value that isn't understood, and under [`Handling::Strict`] for an unknown parameter.
pub fn parse<N: AsRef<str>, V: AsRef<str>>(
    pairs: &[(N, V)],
    definitions: &[Definition],
    handling: Handling,
    zone: &TimeZone,
) -> Result<Query, SearchError> {
    let mut query = Query {
        filters: Vec::new(),
        ids: None,
        last_updated: Vec::new(),
        count: DEFAULT_COUNT,
        count_only: false,
        sort: Vec::new(),
        cursor: None,
        understood: Vec::new(),
        ignored: Vec::new(),
    };
    for (name, value) in pairs {
        let (name, value) = (name.as_ref(), value.as_ref().trim());
        // An empty value says nothing, as the standard has it.
        if value.is_empty() {
            continue;
        }
        let known = query.control(name, value, definitions, zone)? || query.filter(name, value, definitions, zone)?;
        match (known, handling) {
            (true, _) if name == "_cursor" => {}
            (true, _) => query.understood.push((name.to_owned(), value.to_owned())),
            (false, Handling::Lenient) => query.ignored.push(name.to_owned()),
            (false, Handling::Strict) => return Err(SearchError::UnknownParameter { name: name.to_owned() }),
        }
    }
    Ok(query)
}

impl Query {
    /// Parameters that every resource has. Answers whether this was one.
    fn control(
        &mut self,
        name: &str,
        value: &str,
        definitions: &[Definition],
        zone: &TimeZone,
    ) -> Result<bool, SearchError> {
        let wrong = |why| SearchError::Value {
            name: name.to_owned(),
            why,
        };
        match name {
            "_count" => {
                let count: u32 = value.parse().map_err(|_| wrong("it wants a whole number"))?;
                self.count = count.min(MAXIMUM_COUNT);
                // The standard reads "none per page" as "only tell me how many".
                self.count_only |= count == 0;
            }
            "_id" => {
                let wanted: Vec<String> = value::alternatives(value)
                    .iter()
                    .map(|id| value::unescape(id))
                    .collect();
                self.ids = Some(match self.ids.take() {
                    Some(before) => before.into_iter().filter(|id| wanted.contains(id)).collect(),
                    None => wanted,
                });
            }
            "_lastUpdated" => self.last_updated.push(date::tests(name, value, zone)?),
            "_sort" => {
                for key in value.split(',') {
                    self.sort
                        .push(sort(key.trim(), definitions).ok_or_else(|| wrong("it cannot be sorted by that"))?);
                }
            }
            "_summary" => match value {
                "count" => self.count_only = true,
                "false" => {}
                _ => return Err(wrong("only \"count\" and \"false\" are offered")),
            },
            "_total" if matches!(value, "none" | "estimate" | "accurate") => {}
            "_total" => return Err(wrong("it wants none, estimate or accurate")),
            "_format" | "_pretty" => {}
            "_cursor" => self.cursor = Some(value.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Parameters of this resource. Answers whether this was one.
    fn filter(
        &mut self,
        written: &str,
        value: &str,
        definitions: &[Definition],
        zone: &TimeZone,
    ) -> Result<bool, SearchError> {
        let (name, modifier) = match written.split_once(':') {
            Some((name, modifier)) => (name, Some(modifier)),
            None => (written, None),
        };
        let Some(definition) = definitions.iter().find(|definition| definition.name == name) else {
            return Ok(false);
        };
        let refused = |modifier: &str| SearchError::UnknownModifier {
            name: name.to_owned(),
            modifier: modifier.to_owned(),
        };
        let typed = modifier.and_then(|kind| definition.targets.iter().find(|target| **target == kind));
        let understood = match modifier {
            None => None,
            Some(_) if typed.is_some() => None,
            Some(text) => Some(understood(text, definition).ok_or_else(|| refused(text))?),
        };
        let test = match (definition.kind, understood) {
            (_, Some(Modifier::Missing)) => Test::Missing(value::boolean(name, value)?),
            (Kind::Date, None) => Test::Date(date::tests(name, value, zone)?),
            (Kind::Token, None | Some(Modifier::Not)) => Test::Token {
                any: value::tokens(name, value)?,
                negated: understood.is_some(),
            },
            (Kind::Text, None) => Test::Text(value::texts(value, TextMode::StartsWith)),
            (Kind::Text, Some(Modifier::Exact)) => Test::Text(value::texts(value, TextMode::Exact)),
            (Kind::Text, Some(Modifier::Contains)) => Test::Text(value::texts(value, TextMode::Contains)),
            (Kind::Reference, None) => {
                Test::Reference(value::references(name, value, definition.targets, typed.copied())?)
            }
            (_, Some(_)) => return Err(refused(modifier.unwrap_or_default())),
        };
        self.filters.push(Filter {
            name: definition.name,
            test,
        });
        Ok(true)
    }
}

fn understood(text: &str, definition: &Definition) -> Option<Modifier> {
    let modifier = match text {
        "exact" => Modifier::Exact,
        "contains" => Modifier::Contains,
        "missing" => Modifier::Missing,
        "not" => Modifier::Not,
        _ => return None,
    };
    definition.modifiers.contains(&modifier).then_some(modifier)
}

fn sort(key: &str, definitions: &[Definition]) -> Option<Sort> {
    let (name, descending) = match key.strip_prefix('-') {
        Some(name) => (name, true),
        None => (key, false),
    };
    let defined = || {
        definitions
            .iter()
            .map(|definition| definition.name)
            .find(|defined| *defined == name)
    };
    let name = ["_id", "_lastUpdated"]
        .into_iter()
        .find(|common| *common == name)
        .or_else(defined)?;
    Some(Sort { name, descending })
}
