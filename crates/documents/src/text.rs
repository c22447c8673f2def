//! Makes the texts of a document safe to set. Changes no visible character.

use serde_json::Value;

/// Cleans every text inside a value; keys are ours and stay as they are.
pub(crate) fn clean(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean_text(&text)),
        Value::Array(items) => items.into_iter().map(clean).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, field)| (key, clean(field))).collect(),
        plain => plain,
    }
}

/// Unifies line ends and drops what has no shape: control characters, and noncharacters, which a PDF reader may take
/// for the end of its text.
fn clean_text(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(|character| match character {
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' => Some('\n'),
            '\n' => Some('\n'),
            '\t' => Some(' '),
            '\u{fdd0}'..='\u{fdef}' => None,
            other if other.is_control() || u32::from(other) & 0xfffe == 0xfffe => None,
            other => Some(other),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::clean_text;

    #[test]
    fn only_what_has_no_shape_is_dropped() {
        assert_eq!(
            clean_text("a\r\nb\rc\td\0\u{1b}[e\u{ffff}\u{feff}"),
            "a\nb\nc d[e\u{feff}"
        );
        assert_eq!(clean_text("Zoë 李 שלום #$\\]"), "Zoë 李 שלום #$\\]");
    }
}
