//! Tokens, words and references in a search, and the escapes that keep their separators apart.

use super::SearchError;

/// A code or number as searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenTest {
    /// `code`: in any system, or in none.
    AnySystem(String),
    /// `system|code`
    Exactly {
        /// The system.
        system: String,
        /// The code.
        code: String,
    },
    /// `|code`: without a system.
    WithoutSystem(String),
    /// `system|`: any code of a system.
    AnyCode(String),
}

impl TokenTest {
    /// Whether a code of a system passes. Codes differ by case, except that the caller may fold both.
    #[must_use]
    pub fn matches(&self, system: Option<&str>, code: &str) -> bool {
        match self {
            Self::AnySystem(wanted) => wanted == code,
            Self::Exactly {
                system: wanted,
                code: wanted_code,
            } => system == Some(wanted) && wanted_code == code,
            Self::WithoutSystem(wanted) => system.is_none() && wanted == code,
            Self::AnyCode(wanted) => system == Some(wanted),
        }
    }

    /// The code asked for where its system is the given one or left open; `None` where this test cannot match in that system.
    /// For an element that has one system, so that a store need not know systems.
    #[must_use]
    pub fn code_in(&self, system: &str) -> Option<&str> {
        match self {
            Self::AnySystem(code) => Some(code),
            Self::Exactly { system: wanted, code } if wanted == system => Some(code),
            Self::Exactly { .. } | Self::WithoutSystem(_) | Self::AnyCode(_) => None,
        }
    }
}

/// Words as searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextTest {
    /// How they are compared.
    pub mode: TextMode,
    /// The words.
    pub value: String,
}

/// How words are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextMode {
    /// Begins with them, whatever case or accents.
    StartsWith,
    /// Contains them, whatever case or accents.
    Contains,
    /// Is exactly them.
    Exact,
}

/// A reference as searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceTest {
    /// The resource type, where told or where there is only one.
    pub kind: Option<String>,
    /// The id.
    pub id: String,
}

/// Cuts at commas that are not escaped; the parts keep their escapes. Empty parts say nothing.
pub(super) fn alternatives(value: &str) -> Vec<&str> {
    split(value, ',').into_iter().filter(|part| !part.is_empty()).collect()
}

fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == separator {
            parts.extend(text.get(start..at));
            start = at + separator.len_utf8();
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// Takes away the backslashes that protect `, | $ \`.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let protected = character == '\\'
            && characters
                .peek()
                .is_some_and(|next| matches!(next, ',' | '|' | '$' | '\\'));
        plain.push(if protected {
            characters.next().unwrap_or(character)
        } else {
            character
        });
    }
    plain
}

pub(super) fn tokens(name: &str, value: &str) -> Result<Vec<TokenTest>, SearchError> {
    let wrong = || SearchError::Value {
        name: name.to_owned(),
        why: "a token is written as code, system|code, |code or system|",
    };
    let one = |part: &str| match split(part, '|').as_slice() {
        [code] => Ok(TokenTest::AnySystem(unescape(code))),
        ["", ""] => Err(wrong()),
        ["", code] => Ok(TokenTest::WithoutSystem(unescape(code))),
        [system, ""] => Ok(TokenTest::AnyCode(unescape(system))),
        [system, code] => Ok(TokenTest::Exactly {
            system: unescape(system),
            code: unescape(code),
        }),
        _ => Err(wrong()),
    };
    alternatives(value).into_iter().map(one).collect()
}

pub(super) fn texts(value: &str, mode: TextMode) -> Vec<TextTest> {
    alternatives(value)
        .into_iter()
        .map(|part| TextTest {
            mode,
            value: unescape(part),
        })
        .collect()
}

pub(super) fn boolean(name: &str, value: &str) -> Result<bool, SearchError> {
    value.parse().map_err(|_| SearchError::Value {
        name: name.to_owned(),
        why: "it wants true or false",
    })
}

pub(super) fn references(
    name: &str,
    value: &str,
    targets: &[&str],
    typed: Option<&str>,
) -> Result<Vec<ReferenceTest>, SearchError> {
    let wrong = |why| SearchError::Value {
        name: name.to_owned(),
        why,
    };
    let one = |part: &str| {
        let plain = unescape(part);
        let mut parts = plain.rsplit('/');
        let id = parts
            .next()
            .filter(|id| !id.is_empty())
            .ok_or_else(|| wrong("a reference is written as id or Type/id"))?;
        let told = parts.next().map(str::to_owned).or_else(|| typed.map(str::to_owned));
        if told
            .as_deref()
            .is_some_and(|told| !targets.is_empty() && !targets.contains(&told))
        {
            return Err(wrong("it cannot point to that type of resource"));
        }
        let only = || match targets {
            [only] => Some((*only).to_owned()),
            _ => None,
        };
        Ok(ReferenceTest {
            kind: told.or_else(only),
            id: id.to_owned(),
        })
    };
    alternatives(value).into_iter().map(one).collect()
}
