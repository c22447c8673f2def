//! A bundle as it arrived: bytes to entries. Knows the envelope only, not what a resource means.
//!
//! Invariant: an entry that cannot be used stays in the list with its [`Problem`]; only a file that is no bundle at all is refused whole.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json;

/// Nesting beyond this is refused: no FHIR resource needs it, and readers that recurse would pay for it.
pub const MAXIMUM_DEPTH: usize = 64;

/// A file read as a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// `transaction`, `collection`, `searchset` …; empty where the bundle doesn't say.
    pub kind: String,
    /// The day on which it was read, against which birth dates are judged.
    pub today: Date,
    /// In the order of the file; `entries[n].index == n`.
    pub entries: Vec<Entry>,
}

/// One entry of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place in the bundle, from 0.
    pub index: usize,
    /// The address that other entries refer to it by.
    pub full_url: Option<String>,
    /// The resource, untouched; the whole entry where it holds no resource.
    pub resource: Value,
    /// `resourceType`; empty where there is none.
    pub kind: String,
    /// The sender's id: the resource's `id`, else the last part of `fullUrl`.
    pub source_id: Option<String>,
    /// Why the entry holds nothing usable.
    pub problem: Option<Problem>,
    raw: String,
}

impl Entry {
    /// The resource's JSON text, byte for byte as it stood in the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.raw
    }
}

/// The file once more, its entries left as text.
#[derive(Deserialize)]
struct RawBundle<'a> {
    #[serde(borrow)]
    entry: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawEntry<'a> {
    #[serde(borrow)]
    resource: &'a RawValue,
}

/// Why an entry holds nothing usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The entry is no JSON object.
    NotAnObject,
    /// The entry has no `resource`, or one that is no object.
    ResourceMissing,
    /// The resource has no `resourceType`.
    KindMissing,
    /// `resourceType` is no name.
    KindInvalid,
}

/// Why a file is not a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Nothing in it.
    #[error("the file is empty")]
    EmptyFile,
    /// Well-formed up to its end, which comes too early.
    #[error("the file ends too early, at line {line}, column {column}")]
    Truncated {
        /// Line of the end, from 1.
        line: usize,
        /// Column of the end, from 1.
        column: usize,
    },
    /// Not JSON.
    #[error("not JSON: {what} at line {line}, column {column}")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
        /// What the reader stumbled over, without any of the content.
        what: String,
    },
    /// Nested beyond [`MAXIMUM_DEPTH`].
    #[error("nested more than {MAXIMUM_DEPTH} levels deep, at line {line}, column {column}")]
    TooDeep {
        /// Line of the bracket that is one too many, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
    },
    /// JSON, but not a bundle.
    #[error("not a FHIR bundle{}", found.as_ref().map(|kind| format!(": it is a {kind}")).unwrap_or_default())]
    NotABundle {
        /// The `resourceType` found instead.
        found: Option<String>,
    },
    /// A bundle whose `entry` is no list.
    #[error("the bundle's entries are not a list")]
    EntriesNotAList,
    /// A bundle without entries.
    #[error("the bundle has no entries")]
    NoEntries,
}

/// Reads a bundle of any type. `today` is the practice's day, against which birth dates are judged.
///
/// # Errors
/// When the bytes are no bundle with at least one entry; see [`BundleError`].
pub fn read(bytes: &[u8], today: Date) -> Result<Bundle, BundleError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(BundleError::EmptyFile);
    }
    check_depth(bytes)?;
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| explain(&error))?;
    let found = json::text(&value, "resourceType");
    if found.as_deref() != Some("Bundle") {
        return Err(BundleError::NotABundle {
            found: found.filter(|kind| is_kind(kind)),
        });
    }
    let kind = json::text(&value, "type").unwrap_or_default();
    let entries = match value.get_mut("entry").map(Value::take) {
        None | Some(Value::Null) => return Err(BundleError::NoEntries),
        Some(Value::Array(entries)) if entries.is_empty() => return Err(BundleError::NoEntries),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(BundleError::EntriesNotAList),
    };
    // A second reading for the exact text; it fails only where a key stands twice, and then the values speak for themselves.
    let raw: Vec<&RawValue> = serde_json::from_slice::<RawBundle<'_>>(bytes)
        .map(|bundle| bundle.entry)
        .unwrap_or_default();
    let entries = entries
        .into_iter()
        .enumerate()
        .map(|(index, value)| entry(index, value, raw.get(index).copied()))
        .collect();
    Ok(Bundle { kind, today, entries })
}

fn entry(index: usize, mut value: Value, raw: Option<&RawValue>) -> Entry {
    let full_url = json::text(&value, "fullUrl");
    let problem = match (&value, value.get("resource")) {
        (Value::Object(_), Some(Value::Object(resource))) => match resource.get("resourceType") {
            None | Some(Value::Null) => Some(Problem::KindMissing),
            Some(Value::String(kind)) if is_kind(kind) => None,
            Some(_) => Some(Problem::KindInvalid),
        },
        (Value::Object(_), _) => Some(Problem::ResourceMissing),
        _ => Some(Problem::NotAnObject),
    };
    let (resource, raw) = match value.get_mut("resource") {
        Some(resource @ Value::Object(_)) => (resource.take(), raw.and_then(raw_resource)),
        _ => (value, raw.map(|raw| raw.get().to_owned())),
    };
    let raw = raw.unwrap_or_else(|| resource.to_string());
    let kind = match problem {
        None => json::text(&resource, "resourceType").unwrap_or_default(),
        Some(_) => String::new(),
    };
    let source_id = match problem {
        None | Some(Problem::KindMissing | Problem::KindInvalid) => json::text(&resource, "id"),
        Some(_) => None,
    };
    let source_id = source_id.or_else(|| {
        let last = full_url.as_deref()?.rsplit(['/', ':']).next()?;
        (!last.is_empty()).then(|| last.to_owned())
    });
    Entry {
        index,
        full_url,
        resource,
        kind,
        source_id,
        problem,
        raw,
    }
}

fn raw_resource(entry: &RawValue) -> Option<String> {
    let entry: RawEntry<'_> = serde_json::from_str(entry.get()).ok()?;
    Some(entry.resource.get().to_owned())
}

fn is_kind(kind: &str) -> bool {
    (1..=64).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Counts brackets before parsing, so that depth costs nothing and its place can be told.
fn check_depth(bytes: &[u8]) -> Result<(), BundleError> {
    let (mut depth, mut line, mut line_start) = (0_usize, 1, 0);
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' {
            line += 1;
            line_start = at + 1;
        }
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAXIMUM_DEPTH {
                    return Err(BundleError::TooDeep {
                        line,
                        column: at - line_start + 1,
                    });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn explain(error: &serde_json::Error) -> BundleError {
    let (line, column) = (error.line(), error.column());
    if error.is_eof() {
        return BundleError::Truncated { line, column };
    }
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default().to_owned();
    BundleError::NotJson { line, column, what }
}
