//! References from one resource to another, and the index of a bundle that resolves them.
//!
//! Understands `urn:uuid:…`, absolute addresses, `Type/id`, conditional `Type?identifier=system|value`, contained `#id` and
//! logical references by identifier. Knows this bundle only: what it cannot find may still be known to the caller's database.
//! Invariant: a resolved index always lies within the bundle.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bundle::{Bundle, Entry};
use crate::json;
use crate::types::Identifier;

/// A reference, resolved as far as the bundle allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// As written: `urn:uuid:…`, `Patient/7` …
    pub literal: Option<String>,
    /// The sender's words for it.
    pub display: Option<String>,
    /// The kind of resource, where it can be told.
    pub kind: Option<String>,
    /// By which number the thing is known, for conditional and logical references.
    pub identifier: Option<Identifier>,
    /// What it points to; `None` where nothing in the bundle answers.
    pub target: Option<Target>,
}

/// What a reference points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// An entry of the same bundle, by its index.
    Entry(usize),
    /// A resource contained in the referring one, by its id.
    Contained(String),
}

impl Reference {
    /// The index of the entry it points to.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        match self.target {
            Some(Target::Entry(index)) => Some(index),
            _ => None,
        }
    }

    /// Whether it names something that the bundle doesn't hold. A reference in words alone names nothing.
    #[must_use]
    pub fn is_unresolved(&self) -> bool {
        self.target.is_none() && (self.literal.is_some() || self.identifier.is_some())
    }
}

/// Where everything in a bundle is.
pub(crate) struct Index<'a> {
    entries: &'a [Entry],
    by_url: HashMap<String, usize>,
    by_id: HashMap<(&'a str, String), usize>,
    /// `None` where two entries carry the same number, so that neither can be meant.
    by_identifier: HashMap<(&'a str, String, String), Option<usize>>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(bundle: &'a Bundle) -> Self {
        let mut index = Self {
            entries: &bundle.entries,
            by_url: HashMap::new(),
            by_id: HashMap::new(),
            by_identifier: HashMap::new(),
        };
        let usable = || bundle.entries.iter().filter(|entry| entry.problem.is_none());
        // Addresses first: a bare id only stands in where no entry claims the address.
        for entry in usable() {
            if let Some(url) = &entry.full_url {
                index.by_url.entry(normal(url)).or_insert(entry.index);
            }
        }
        usable().for_each(|entry| index.add(entry));
        index
    }

    fn add(&mut self, entry: &'a Entry) {
        if let Some(id) = json::text(&entry.resource, "id") {
            self.by_url
                .entry(format!("urn:uuid:{}", id.to_ascii_lowercase()))
                .or_insert(entry.index);
            self.by_id.entry((&entry.kind, id)).or_insert(entry.index);
        }
        for identifier in Identifier::fields(&entry.resource) {
            self.by_identifier
                .entry((&entry.kind, identifier.system.unwrap_or_default(), identifier.value))
                .and_modify(|found| *found = found.filter(|index| *index == entry.index))
                .or_insert(Some(entry.index));
        }
    }

    pub(crate) fn entry(&self, index: usize) -> Option<&'a Entry> {
        self.entries.get(index)
    }

    /// Reads a Reference and resolves it; `from` is the entry it stands in.
    pub(crate) fn reference(&self, from: &Entry, value: &Value) -> Option<Reference> {
        let literal = json::text(value, "reference");
        let identifier = value.get("identifier").and_then(Identifier::read);
        let display = json::text(value, "display");
        if literal.is_none() && identifier.is_none() && display.is_none() {
            return None;
        }
        let kind = json::text(value, "type");
        let mut reference = Reference {
            literal,
            display,
            kind,
            identifier,
            target: None,
        };
        if let Some(literal) = reference.literal.clone() {
            self.resolve_literal(from, &literal, &mut reference);
        }
        if reference.target.is_none()
            && let (Some(kind), Some(identifier)) = (&reference.kind, &reference.identifier)
        {
            reference.target = self.numbered(kind, identifier).map(Target::Entry);
        }
        if let Some(entry) = reference.entry().and_then(|index| self.entry(index)) {
            reference.kind = Some(entry.kind.clone());
        }
        Some(reference)
    }

    fn resolve_literal(&self, from: &Entry, literal: &str, reference: &mut Reference) {
        if let Some(id) = literal.strip_prefix('#') {
            let contained = json::list(&from.resource, "contained");
            let found = contained
                .iter()
                .find(|resource| json::text(resource, "id").as_deref() == Some(id));
            if let Some(found) = found {
                reference.kind = json::text(found, "resourceType").or_else(|| reference.kind.take());
                reference.target = Some(Target::Contained(id.to_owned()));
            }
            return;
        }
        if let Some((kind, query)) = conditional(literal) {
            reference.kind = Some(kind.to_owned());
            reference.identifier = query.or_else(|| reference.identifier.take());
            return;
        }
        let literal = literal.split("/_history/").next().unwrap_or(literal);
        if let Some(index) = self.by_url.get(&normal(literal)) {
            reference.target = Some(Target::Entry(*index));
            return;
        }
        let mut parts = literal.rsplit('/');
        let (Some(id), Some(kind)) = (parts.next(), parts.next()) else {
            return;
        };
        if !kind.starts_with(|first: char| first.is_ascii_uppercase()) {
            return;
        }
        reference.kind = Some(kind.to_owned());
        // Only a relative reference may be looked up by type and id: an absolute one names another server.
        if parts.next().is_none() {
            reference.target = self.relative(from, kind, id).map(Target::Entry);
        }
    }

    /// `Type/id` means the server that the referring entry came from; without such an address, any entry of that id.
    fn relative(&self, from: &Entry, kind: &str, id: &str) -> Option<usize> {
        let tail = format!("{}/{}", from.kind, from.source_id.as_deref().unwrap_or_default());
        let base = from.full_url.as_deref().and_then(|url| url.strip_suffix(tail.as_str()));
        let on_same_server = base.and_then(|base| self.by_url.get(&normal(&format!("{base}{kind}/{id}"))));
        on_same_server
            .or_else(|| self.by_id.get(&(kind, id.to_owned())))
            .copied()
    }

    fn numbered(&self, kind: &str, identifier: &Identifier) -> Option<usize> {
        let system = identifier.system.clone().unwrap_or_default();
        self.by_identifier
            .get(&(kind, system, identifier.value.clone()))
            .copied()
            .flatten()
    }

    /// Every reference anywhere within a resource, contained ones included, with its path.
    pub(crate) fn all(&self, entry: &Entry) -> Vec<(String, Reference)> {
        let mut found = Vec::new();
        let mut waiting = vec![(format!("entry[{}].resource", entry.index), &entry.resource)];
        while let Some((path, value)) = waiting.pop() {
            match value {
                Value::Object(fields) => {
                    if fields.get("reference").is_some_and(Value::is_string)
                        && let Some(reference) = self.reference(entry, value)
                    {
                        found.push((path.clone(), reference));
                    }
                    let within = fields.iter().filter(|(_, value)| value.is_object() || value.is_array());
                    waiting.extend(within.map(|(key, value)| (format!("{path}.{key}"), value)));
                }
                Value::Array(members) => {
                    let numbered = members.iter().enumerate();
                    waiting.extend(numbered.map(|(at, value)| (format!("{path}[{at}]"), value)));
                }
                _ => {}
            }
        }
        found
    }
}

/// `Practitioner?identifier=system|value`; the identifier is `None` for a condition of another sort.
fn conditional(literal: &str) -> Option<(&str, Option<Identifier>)> {
    let (kind, query) = literal.split_once('?')?;
    let is_kind = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    let identifier = || {
        let token = query.strip_prefix("identifier=").filter(|rest| !rest.contains('&'))?;
        let token = percent_decoded(token);
        let (system, value) = token.rsplit_once('|').unwrap_or(("", &token));
        (!value.is_empty()).then(|| Identifier::new(system, value))
    };
    is_kind.then(|| (kind, identifier()))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) if *first == b'%' => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn normal(url: &str) -> String {
    let lower = url.to_ascii_lowercase();
    // A UUID may be written in either case; the path of an address may not.
    if lower.starts_with("urn:uuid:") || lower.starts_with("urn:oid:") {
        lower
    } else {
        url.to_owned()
    }
}
