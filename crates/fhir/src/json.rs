//! Looking into foreign JSON without trusting its shape, and building our own without empty fields.
//!
//! Invariant: text taken out is trimmed, free of control characters (PostgreSQL refuses NUL) and never empty.

use serde_json::{Map, Value};

/// Text, cleaned; `None` where it is missing, of another type or blank.
pub(crate) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().and_then(clean)
}

/// Text as it may be stored: trimmed, line ends and tabs kept inside, other control characters dropped.
pub(crate) fn clean(raw: &str) -> Option<String> {
    let cleaned: String = raw
        .chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'))
        .collect();
    let cleaned = cleaned.trim();
    (!cleaned.is_empty()).then(|| cleaned.to_owned())
}

/// The members of a list; a lone object where a list is due counts as a list of one, since senders mix them up.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    match value.get(key) {
        Some(Value::Array(members)) => members,
        Some(lone @ Value::Object(_)) => std::slice::from_ref(lone),
        _ => &[],
    }
}

/// A list of plain text.
pub(crate) fn texts(value: &Value, key: &str) -> Vec<String> {
    match value.get(key) {
        Some(Value::Array(members)) => members
            .iter()
            .filter_map(|member| member.as_str().and_then(clean))
            .collect(),
        Some(Value::String(lone)) => clean(lone).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// A number as decimal text; closing zeros are not kept, since only the resource's own text has them.
pub(crate) fn decimal(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::Number(number) => Some(number.to_string()),
        // Some senders quote their numbers; what doesn't read as one is no number.
        Value::String(quoted) => serde_json::from_str::<serde_json::Number>(quoted.trim())
            .ok()
            .map(|number| number.to_string()),
        _ => None,
    }
}

/// Text cut to a length that a chart line can bear, at a character, with an ellipsis.
pub(crate) fn shorten(text: &str, characters: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= characters {
        return line;
    }
    let cut: String = line.chars().take(characters.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// Builds an object field by field; what is empty is left out, so no `null` is ever written.
#[derive(Default)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    /// An object that opens with its `resourceType`.
    pub(crate) fn resource(kind: &str) -> Self {
        Self::default().put("resourceType", kind)
    }

    /// Adds a field unless its value is empty.
    pub(crate) fn put(mut self, key: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(members) => members.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        };
        if !empty {
            self.0.insert(key.to_owned(), value);
        }
        self
    }

    /// Adds a list without its empty members.
    pub(crate) fn list(self, key: &str, members: impl IntoIterator<Item = Value>) -> Self {
        let members: Vec<Value> = members
            .into_iter()
            .filter(|member| {
                !matches!(member, Value::Null) && member.as_object().is_none_or(|fields| !fields.is_empty())
            })
            .collect();
        self.put(key, members)
    }

    /// The object.
    pub(crate) fn done(self) -> Value {
        Value::Object(self.0)
    }
}
